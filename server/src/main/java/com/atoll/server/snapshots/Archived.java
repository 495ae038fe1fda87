package com.atoll.server.snapshots;

import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/**
 * The copy of a snapshot off its machine, as it is stored.
 *
 * @param local whether the files are on the machine too
 * @param evict whether they are to leave it
 * @param parentId the snapshot that the copy is a change of
 * @param depth how many copies it stands on
 * @param bytes that have gone over until now
 * @param objectBytes what the copy takes
 * @param error what went wrong last
 */
record Archived(
    State state,
    boolean local,
    boolean evict,
    @Nullable String parentId,
    int depth,
    long bytes,
    @Nullable Long objectBytes,
    @Nullable String error,
    @Nullable OffsetDateTime archivedAt) {
  static final String COLUMNS =
      """
        a.state as archive_state, a.local as archive_local, a.evict as archive_evict,
        a.parent_id as archive_parent, a.depth as archive_depth, a.bytes as archive_bytes,
        a.object_bytes, a.error as archive_error, a.archived_at
      """;
  static final String JOIN = " left join snapshot_archives a on a.snapshot_id = n.id\n";

  /** Where a copy stands. */
  enum State {
    /** It is on its way, or will be tried again. */
    UPLOADING,
    /** It is whole. */
    ARCHIVED,
    /** It is whole, and its files come back to the machine. */
    RESTORING,
    /** There is none, and nobody tries any more. */
    FAILED;

    String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Whether the copy can be used. */
  boolean isWhole() {
    return switch (state) {
      case ARCHIVED, RESTORING -> true;
      case UPLOADING, FAILED -> false;
    };
  }

  /** What events tell of it. */
  Map<String, Object> told() {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("status", state.wire());
    data.put("local", local);
    data.put("progress_bytes", bytes);
    Snapshots.putIfKnown(data, "parent_id", parentId);
    Snapshots.putIfKnown(data, "size_bytes", objectBytes);
    Snapshots.putIfKnown(data, "error", error);
    return data;
  }

  static @Nullable Archived of(Record row) {
    String state = row.get("archive_state", String.class);
    if (state == null) {
      return null;
    }
    return new Archived(
        State.valueOf(state.toUpperCase(Locale.ROOT)),
        row.get("archive_local", Boolean.class),
        row.get("archive_evict", Boolean.class),
        row.get("archive_parent", String.class),
        row.get("archive_depth", Integer.class),
        row.get("archive_bytes", Long.class),
        row.get("object_bytes", Long.class),
        row.get("archive_error", String.class),
        row.get("archived_at", OffsetDateTime.class));
  }
}
