package com.atoll.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FrameRoomTest {
  @Test
  void whoComesWhenTheLargeRoomsAreTakenGetsWhatOneFrameNeeds() {
    List<FrameRoom.Room> taken = new ArrayList<>();
    FrameRoom.Room next = FrameRoom.take(1_000);
    while (next.large()) {
      taken.add(next);
      assertTrue(taken.size() < 100, "large rooms are few");
      next = FrameRoom.take(1_000);
    }
    assertEquals(1_000, next.buffer().capacity());
    next.close();
    assertFalse(FrameRoom.take(1_000).large());
    taken.removeLast().close();
    try (FrameRoom.Room again = FrameRoom.take(1_000)) {
      assertTrue(again.large());
      assertEquals(again.buffer().capacity(), again.buffer().remaining());
    }
    taken.forEach(FrameRoom.Room::close);
  }
}
