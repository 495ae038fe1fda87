package com.atoll.server.snapshots;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class WishTest {
  private static final int DAY = 86_400;

  private static Wish wish(
      Map<String, Object> metadata,
      @Nullable Boolean keep,
      @Nullable Integer retention,
      @Nullable Integer expiration,
      @Nullable Integer days) {
    return Wish.of(new TakeSnapshot(null, null, keep, retention, expiration, days, null), metadata);
  }

  @Test
  void whatIsAskedForComesFirst() {
    Map<String, Object> metadata = Map.of("snapshot_expiration_sec", 7);
    assertEquals(new Wish(null, false, 7, null, null), wish(metadata, null, null, null, null));
    assertEquals(new Wish(null, false, 5, null, null), wish(metadata, null, null, 5, 2));
    assertEquals(new Wish(null, false, 2 * DAY, null, null), wish(metadata, null, null, null, 2));
    assertEquals(new Wish(null, false, null, 9, null), wish(metadata, null, 9, null, null));
    assertEquals(new Wish(null, true, null, null, null), wish(metadata, true, null, null, null));
  }

  @Test
  void whatTheMetadataSayIsTakenWithCare() {
    for (Object odd : new Object[] {-1, 0, "7", true, Map.of()}) {
      Map<String, Object> metadata = Map.of("snapshot_expiration_sec", odd);
      assertEquals(new Wish(null, false, null, null, null), wish(metadata, null, null, null, null));
      assertEquals(0, Wish.kept(Map.of("keep_last_snapshots", odd)));
    }
    assertEquals(3, Wish.kept(Map.of("keep_last_snapshots", 3)));
    assertEquals(4, Wish.kept(Map.of("keep_last_snapshots", Map.of("count", 4))));
    assertEquals(0, Wish.kept(Map.of()));
  }

  @Test
  void contradictionsAndOddTimesAreRefused() {
    assertThrows(AtollException.class, () -> wish(Map.of(), true, 5, null, null));
    assertThrows(AtollException.class, () -> wish(Map.of(), null, 0, null, null));
    assertThrows(AtollException.class, () -> wish(Map.of(), null, null, -1, null));
    assertThrows(AtollException.class, () -> wish(Map.of(), null, null, null, 1_000_000));
  }
}
