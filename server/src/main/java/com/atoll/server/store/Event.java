package com.atoll.server.store;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that changed, as a capability tells it inside the transaction that changes it.
 *
 * @param type for example {@code sandbox.created}
 * @param resourceType for example {@code sandbox}
 * @param resourceId the id of what changed
 * @param version the resource's version, which rises with every change: lock its row first
 * @param workspace the workspace that owns the resource
 * @param project the project that owns the resource
 * @param externalWorkspace attribution of the customer
 * @param externalUser attribution of the customer
 * @param externalProject attribution of the customer
 * @param data what else a reader may want to know; no secrets
 */
public record Event(
    String type,
    String resourceType,
    String resourceId,
    long version,
    @Nullable String workspace,
    @Nullable String project,
    @Nullable String externalWorkspace,
    @Nullable String externalUser,
    @Nullable String externalProject,
    Map<String, ?> data) {
  /**
   * The version that a deletion tells: above every other, and exact where numbers of JSON are
   * doubles (RFC 8259, section 6).
   */
  public static final long LAST = (1L << 53) - 1;

  /** An event without owner and attribution. */
  public static Event of(
      String type, String resourceType, String resourceId, long version, Map<String, ?> data) {
    return new Event(type, resourceType, resourceId, version, null, null, null, null, null, data);
  }
}
