package com.atoll.server.sandboxes;

import com.atoll.model.OrganizationId;
import com.atoll.server.http.Doc;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Many sandboxes that were asked for at once, as it stands.
 *
 * @param workspace where they are created; null of an old one, of which it is not known
 */
record Batch(
    String id,
    OrganizationId org,
    @Nullable String workspace,
    @Nullable String externalUser,
    View view) {
  /** What the ids of batches begin with. */
  static final String PREFIX = "bat";

  /** Whether nothing changes any more. */
  boolean isOver() {
    return !view.status().equals("running");
  }

  /** A batch as the API shows it. */
  record View(
      @Doc("Id.") String id,
      @Doc("running, completed, failed when no sandbox came to be, or cancelled.") String status,
      @Doc("How many were asked for.") int requested,
      @Doc("How many were created.") int completed,
      @Doc("How many could not be created.") int failed,
      @Doc("How many are still to be created.") int pending,
      @Doc("How many of those that were created run now.") int running,
      @Doc("How many are created at a time.") int concurrency,
      @Doc("Template they start from.") String templateId,
      @Doc("When it was asked for.") Instant createdAt,
      @Doc("When it last changed.") Instant updatedAt) {}

  /** One of its sandboxes as the API shows it. */
  record Item(
      @Doc("Number within the batch, from 1.") int index,
      @Doc("pending, completed, failed or cancelled.") String status,
      @Doc("The sandbox.") @Nullable String sandboxId,
      @Doc("Code of the error.") @Nullable String errorCode,
      @Doc("What went wrong.") @Nullable String errorMessage) {}
}
