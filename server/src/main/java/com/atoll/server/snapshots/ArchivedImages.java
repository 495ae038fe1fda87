package com.atoll.server.snapshots;

import com.atoll.server.store.Tx;
import java.util.List;

/**
 * The images that lie in the archive for snapshots. One is large, and the next snapshot most likely
 * stands on it too: it stays for a day after the last one was deleted.
 */
final class ArchivedImages {
  private static final long LOCK = 0x61746f6c6c696d67L;
  private static final int AT_ONCE = 20;

  private ArchivedImages() {}

  /** Keeps all that are there until this transaction ends. */
  static void share(Tx tx) {
    tx.sql().execute("select pg_advisory_xact_lock_shared(?)", LOCK);
  }

  /** A snapshot that is about to be forgotten stood on some; for a transaction of the system. */
  static void released(Tx tx, String snapshotId) {
    tx.sql()
        .execute(
            """
            insert into unused_images (digest)
            select digest from snapshot_archives a, unnest(a.images) as digest
            where a.snapshot_id = ?
            on conflict (digest) do update set since = now()\
            """,
            snapshotId);
  }

  /**
   * Takes those off the list that have been on it for a day, for a transaction of the system; who
   * calls it removes them before that ends. None while a snapshot is on its way, which may stand on
   * them.
   */
  static List<String> takeUnused(Tx tx) {
    tx.sql().execute("select pg_advisory_xact_lock(?)", LOCK);
    tx.sql()
        .execute(
            """
            delete from unused_images u where since < now() - interval '1 hour' and exists (
              select from snapshot_archives a where u.digest = any(a.images))\
            """);
    return tx.sql()
        .fetch(
            """
            delete from unused_images where digest in (
              select digest from unused_images where since < now() - interval '1 day' limit ?)
              and not exists (select from snapshot_archives where state = 'uploading')
            returning digest\
            """,
            AT_ONCE)
        .map(row -> row.get(0, String.class));
  }
}
