package com.atoll.server.machines;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.model.OrganizationId;
import org.junit.jupiter.api.Test;

class OutputRoomTest {
  private static final OrganizationId GREEDY = new OrganizationId("ten_greedy");
  private static final OrganizationId OTHER = new OrganizationId("ten_other");

  private final OutputRoom room = new OutputRoom(80L << 20);

  @Test
  void oneOrganizationLeavesRoomForOthers() {
    for (int i = 0; i < 6; i++) {
      assertEquals(OutputRoom.WHOLE, room.take(GREEDY));
    }
    assertEquals(OutputRoom.LESS, room.take(GREEDY));
    assertEquals(OutputRoom.WHOLE, room.take(OTHER));
    assertEquals(OutputRoom.WHOLE, room.take(OTHER));
    assertEquals(OutputRoom.LESS, room.take(OTHER), "all of it is taken");
  }

  @Test
  void whatIsGivenBackIsThereAgain() {
    for (int i = 0; i < 6; i++) {
      assertEquals(OutputRoom.WHOLE, room.take(GREEDY));
    }
    room.give(GREEDY, OutputRoom.LESS);
    assertEquals(OutputRoom.LESS, room.take(GREEDY));
    room.give(GREEDY, OutputRoom.WHOLE);
    assertEquals(OutputRoom.WHOLE, room.take(GREEDY));
    for (int i = 0; i < 6; i++) {
      room.give(GREEDY, OutputRoom.WHOLE);
    }
    for (int i = 0; i < 6; i++) {
      assertEquals(OutputRoom.WHOLE, room.take(GREEDY));
    }
  }
}
