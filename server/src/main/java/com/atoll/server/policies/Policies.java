package com.atoll.server.policies;

import com.atoll.model.OrganizationId;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** What policies hold. What was read is believed for a second. */
public final class Policies {
  private static final long BELIEVED_NS = 1_000_000_000L;
  private static final int MOST_BELIEVED = 10_000;

  /**
   * How long something exists that was made in test mode: a sandbox in whatever state, a
   * deployment, a snapshot, a volume, a template. Then it is deleted.
   */
  public static final Duration TEST_LIFETIME = Duration.ofHours(24);

  /** Test sandboxes run at most an hour at a time, whatever their organization sets. */
  private static final Map<String, Map<String, Object>> TEST =
      Map.of(
          "lifecycle",
          Map.of(
              "max_timeout_sec",
              3600,
              "max_age_sec",
              (int) TEST_LIFETIME.toSeconds(),
              "always_on_allowed",
              false));

  private final Store store;
  private final Map<String, Believed> believed = new ConcurrentHashMap<>();

  private record Believed(Effective effective, long at) {}

  /** The policies of this store. */
  public Policies(Store store) {
    this.store = store;
  }

  /** What holds for a workspace and a customer's user of an organization. */
  public Effective effective(
      OrganizationId org, @Nullable String workspace, @Nullable String externalUser) {
    String name = org.value() + '\n' + workspace + '\n' + externalUser;
    Believed known = believed.get(name);
    long now = System.nanoTime();
    if (known != null && now - known.at() < BELIEVED_NS) {
      return known.effective();
    }
    Effective found = store.transaction(org, tx -> read(tx, workspace, externalUser));
    if (believed.size() >= MOST_BELIEVED) {
      believed.clear();
    }
    believed.put(name, new Believed(found, now));
    return found;
  }

  /** Forgets what is believed, because a policy was changed. */
  void forget() {
    believed.clear();
  }

  /** The same, read in this transaction. */
  public static Effective read(Tx tx, @Nullable String workspace, @Nullable String externalUser) {
    Effective effective = new Effective();
    boolean test =
        tx.sql()
            .fetchSingle(
                "select test_of is not null from organizations where org = ?", tx.org().value())
            .get(0, Boolean.class);
    if (test) {
      effective.over("platform", TEST);
    }
    List<Record> rows =
        new ArrayList<>(
            tx.sql()
                .fetch(
                    """
                    select tier, cast(document as text) as document from policies
                    where tier = 'tenant' or (tier = 'workspace' and subject = ?)
                      or (tier = 'user' and subject = ?)
                    order by case tier when 'tenant' then 1 when 'workspace' then 2 else 3 end\
                    """,
                    workspace,
                    externalUser));
    for (Record row : rows) {
      effective.over(
          row.get("tier", String.class), Documents.read(row.get("document", String.class)));
    }
    return effective;
  }
}
