package com.atoll.node.streams;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One-time tokens, each worth one stream for 30 seconds. Kept in memory: they die with the node.
 */
public final class Tickets {
  private static final long LIFE_MS = Duration.ofSeconds(30).toMillis();
  private static final int MOST = 100_000;

  private final SecureRandom random = new SecureRandom();
  private final Map<String, Held> held = new ConcurrentHashMap<>();
  private final InstantSource clock;

  /** Tickets that age by this clock. */
  public Tickets(InstantSource clock) {
    this.clock = clock;
  }

  /** A token that opens this stream once. */
  public String issue(StreamTask task) {
    long now = clock.millis();
    if (held.size() >= MOST) {
      dropExpired();
    }
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    held.put(token, new Held(task, now + LIFE_MS));
    return token;
  }

  /** What the token is worth; a second call gets nothing. */
  public Optional<StreamTask> redeem(String token) {
    Held found = held.remove(token);
    return found == null || found.endsAt() < clock.millis()
        ? Optional.empty()
        : Optional.of(found.task());
  }

  /** Forgets tickets that nobody redeemed. */
  public void dropExpired() {
    long now = clock.millis();
    held.values().removeIf(ticket -> ticket.endsAt() < now);
  }

  int size() {
    return held.size();
  }

  private record Held(StreamTask task, long endsAt) {}
}
