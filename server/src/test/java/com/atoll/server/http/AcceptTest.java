package com.atoll.server.http;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AcceptTest {
  @Test
  void eventsArePreferredWhenTheyAreNamedWithTheHigherQuality() {
    assertTrue(Accept.prefersEvents("text/event-stream"));
    assertTrue(Accept.prefersEvents("text/event-stream, application/json;q=0.9"));
    assertFalse(Accept.prefersEvents("application/json"));
    assertFalse(Accept.prefersEvents("text/event-stream;q=0.1, application/json"));
    assertFalse(Accept.prefersEvents("*/*"));
    assertFalse(Accept.prefersEvents(null));
  }
}
