package com.atoll.node.streams;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import org.junit.jupiter.api.Test;

final class TicketsTest {
  private long now = 1_000;
  private final Tickets tickets = new Tickets(() -> Instant.ofEpochMilli(now));

  @Test
  void aTicketIsWorthOneStream() {
    StreamTask task = client -> {};
    String token = tickets.issue(task);
    assertNotEquals(token, tickets.issue(task));
    assertEquals(task, tickets.redeem(token).orElseThrow());
    assertTrue(tickets.redeem(token).isEmpty());
    assertTrue(tickets.redeem("").isEmpty());
  }

  @Test
  void aTicketAgesInThirtySeconds() {
    String young = tickets.issue(client -> {});
    String old = tickets.issue(client -> {});
    now += 30_000;
    assertTrue(tickets.redeem(young).isPresent());
    now += 1;
    assertTrue(tickets.redeem(old).isEmpty());
  }

  @Test
  void ticketsThatNobodyRedeemsAreForgotten() {
    tickets.issue(client -> {});
    now += 30_001;
    tickets.dropExpired();
    assertEquals(0, tickets.size());
  }
}
