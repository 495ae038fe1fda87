package com.atoll.edge.gateway;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import java.time.Duration;

/**
 * What a client may take of the gateway. Idle times count from the last byte in either direction,
 * so a stream with traffic is never cut.
 *
 * @param connections open client connections; more are closed at once
 * @param requestLine bytes of the request line
 * @param headerBytes bytes of all headers
 * @param headerCount number of headers
 * @param headerTime from the first byte of a request to the end of its headers
 * @param keepAlive an idle connection between requests
 * @param bodyPause longest pause while the client owes us a part of its request
 * @param exchangePause longest silence of a request that waits for its answer
 * @param apiPause the same toward the API, whose calls may run long
 * @param tunnelPause longest silence of an upgraded connection
 * @param apiIdle how long an idle connection to the API is kept; clearly shorter than the API keeps
 *     it
 * @param guestIdle the same toward sandboxes and instances; common servers there close after 5 s
 * @param apiPatience how long a request waits for an API that does not take connections
 * @param drain how long requests may go on after their route changed
 */
public record Limits(
    int connections,
    int requestLine,
    int headerBytes,
    int headerCount,
    Duration headerTime,
    Duration keepAlive,
    Duration bodyPause,
    Duration exchangePause,
    Duration apiPause,
    Duration tunnelPause,
    Duration apiIdle,
    Duration guestIdle,
    Duration apiPatience,
    Duration drain) {
  /** How much is taken from a connection at once, in bytes. */
  static final int LARGEST_READ = 256 << 10;

  /** Grows to that on a connection on which much comes. */
  static final RecvByteBufAllocator READING =
      new AdaptiveRecvByteBufAllocator(64, 2 << 10, LARGEST_READ);

  /** What an installation uses. */
  public static Limits standard() {
    return new Limits(
        8_000,
        16 << 10,
        64 << 10,
        200,
        Duration.ofSeconds(10),
        Duration.ofSeconds(75),
        Duration.ofSeconds(60),
        Duration.ofMinutes(15),
        Duration.ofHours(2),
        Duration.ofHours(1),
        Duration.ofSeconds(15),
        Duration.ofSeconds(4),
        Duration.ofSeconds(3),
        Duration.ofSeconds(30));
  }

  /** The same with less patience for slow headers, bodies and idle clients. */
  public Limits impatient(Duration header, Duration body, Duration idle) {
    return with(header, body, idle, exchangePause, tunnelPause);
  }

  /** The same with less patience for silent applications and upgraded connections. */
  public Limits impatient(Duration exchange, Duration tunnel) {
    return with(headerTime, bodyPause, keepAlive, exchange, tunnel);
  }

  private Limits with(
      Duration header, Duration body, Duration idle, Duration exchange, Duration tunnel) {
    return new Limits(
        connections,
        requestLine,
        headerBytes,
        headerCount,
        header,
        idle,
        body,
        exchange,
        apiPause,
        tunnel,
        apiIdle,
        guestIdle,
        apiPatience,
        drain);
  }
}
