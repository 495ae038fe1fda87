package com.atoll.server.http;

import java.io.UncheckedIOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Keeps idle event streams alive. */
final class Heartbeats {
  private static final long SECONDS = 15;
  private static final Set<EventStream> STREAMS = ConcurrentHashMap.newKeySet();
  private static final ScheduledExecutorService CLOCK =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("heartbeats").factory());

  static {
    var _ = CLOCK.scheduleAtFixedRate(Heartbeats::beat, SECONDS, SECONDS, TimeUnit.SECONDS);
  }

  private Heartbeats() {}

  static void add(EventStream stream) {
    STREAMS.add(stream);
  }

  static void remove(EventStream stream) {
    STREAMS.remove(stream);
  }

  private static void beat() {
    // A client that reads nothing must not hold up the others.
    STREAMS.forEach(stream -> Thread.ofVirtual().start(() -> beat(stream)));
  }

  private static void beat(EventStream stream) {
    try {
      stream.heartbeat();
    } catch (UncheckedIOException gone) {
      STREAMS.remove(stream);
    }
  }
}
