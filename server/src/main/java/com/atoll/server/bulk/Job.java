package com.atoll.server.bulk;

import com.atoll.model.OrganizationId;
import com.atoll.server.policies.PolicySetter.Tier;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is done to many, as it stands.
 *
 * @param tier whose policy is set; null when it is about sandboxes
 * @param policy what it is set to
 * @param actor the credential that asked
 * @param externalUser the end user that the credential is confined to
 */
record Job(
    String id,
    OrganizationId org,
    Action action,
    @Nullable Tier tier,
    @Nullable String policy,
    String actor,
    @Nullable String externalUser,
    JobView view) {
  /** What the ids of jobs begin with. */
  static final String PREFIX = "bulk";

  boolean isOver() {
    return view.finishedAt() != null;
  }

  /**
   * What is to be done.
   *
   * @param subjects to whom or what, without repetitions
   * @param missing of these what does not exist, with what is said about it
   */
  record Wish(
      Action action,
      @Nullable Tier tier,
      @Nullable String policy,
      List<String> subjects,
      List<Refusal> missing) {}

  /** Why an item is not done. */
  record Refusal(String subject, String code, String message) {}

  /** An item that is still to be done. */
  record Pending(int number, String subject) {}
}
