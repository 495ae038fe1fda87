package com.atoll.server.sandboxes;

import com.atoll.model.OrganizationId;
import com.atoll.server.http.Doc;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Many sandboxes that were asked for at once, as they are stored. */
record Batch(
    String id,
    OrganizationId org,
    String state,
    int requested,
    int concurrency,
    String templateId,
    long version,
    OffsetDateTime createdAt,
    @Nullable OffsetDateTime settledAt,
    Map<String, Integer> items,
    Map<String, Integer> sandboxes) {
  static final String RUNNING = "running";
  static final String CANCELED = "canceled";

  boolean isSettled() {
    return !state.equals(RUNNING);
  }

  private int items(String kind) {
    return items.getOrDefault(kind, 0);
  }

  /** What a batch is called once nothing of it is pending. */
  String settled() {
    if (items(CANCELED) > 0) {
      return CANCELED;
    }
    return items("failed") == 0 ? "completed" : items("completed") == 0 ? "failed" : "partial";
  }

  /** Of a batch whose sandboxes are all there, or not. */
  boolean hasPending() {
    return items("pending") > 0;
  }

  View view() {
    return new View(
        id,
        state,
        requested,
        items("completed"),
        items("failed"),
        items(CANCELED),
        items("pending"),
        concurrency,
        templateId,
        sandboxes,
        createdAt.toInstant(),
        settledAt == null ? null : settledAt.toInstant());
  }

  /** A batch as the API shows it. */
  record View(
      @Doc("Id.") String id,
      @Doc("running, completed, partial, failed or canceled.") String status,
      @Doc("How many sandboxes were asked for.") int requested,
      @Doc("How many were created.") int completed,
      @Doc("How many could not be created.") int failed,
      @Doc("How many were given up before they were begun.") int canceled,
      @Doc("How many are still to be created.") int pending,
      @Doc("How many are created at the same time.") int concurrency,
      @Doc("Template.") String templateId,
      @Doc("How its sandboxes are now: how many in each state.") Map<String, Integer> runtime,
      @Doc("When it was asked for.") Instant createdAt,
      @Doc("When its last sandbox was decided.") @Nullable Instant settledAt) {}

  /** One sandbox of a batch. */
  record Item(
      @Doc("Place in the batch, from 1.") int position,
      @Doc("pending, completed, failed or canceled.") String status,
      @Doc("Its sandbox.") @Nullable String sandboxId,
      @Doc("State of its sandbox.") @Nullable String state,
      @Doc("Code of the error.") @Nullable String errorCode,
      @Doc("What went wrong.") @Nullable String error) {}

  /** Where a page of items stands. */
  record Meta(
      @Doc("How many items there are.") int total,
      @Doc("How many items at most.") int limit,
      @Doc("How many were skipped.") int offset,
      @Doc("Whether more follow.") boolean hasMore) {}

  /** Items of a batch. */
  record Items(
      @Doc("Items, by place.") List<Item> data, @Doc("Where the page stands.") Meta meta) {}
}
