package com.atoll.edge.traffic;

/**
 * A request of a deployment that is over.
 *
 * @param atMillis when it began
 * @param status what was answered; 499 when the client left before
 * @param received bytes of its body, or that came in after an upgrade
 * @param sent the same of the answer
 * @param micros how long it took
 * @param tunnel whether it became a connection of another protocol
 */
public record Served(
    Account account,
    long atMillis,
    String method,
    String host,
    String path,
    int status,
    long received,
    long sent,
    long micros,
    String peer,
    String requestId,
    boolean tunnel) {}
