package com.atoll.server.routes;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * What a gateway has served, as {@code proto/feed.md} writes it. It is sent again until it is
 * answered.
 *
 * @param run the gateway's process
 * @param sequence rises with every report of the process
 * @param atUnixMs when the tallies were made
 * @param counters the set of counters that the totals are of
 */
public record TrafficReport(
    String run,
    long sequence,
    long atUnixMs,
    String counters,
    List<Total> totals,
    List<Tally> tallies,
    List<Request> requests) {
  private static final int MOST = 1_000;
  private static final int CLASSES = 128;

  /**
   * Bytes of a deployment or sandbox since its counter was made.
   *
   * @param receivedKnown how much of it the server has confirmed
   */
  public record Total(String id, long received, long sent, long receivedKnown, long sentKnown) {}

  /** Requests that have much in common. */
  public record Tally(
      String deploymentId,
      String versionId,
      String method,
      String route,
      long requests,
      long clientErrors,
      long serverErrors,
      long unlogged,
      long received,
      long sent,
      List<Integer> durations) {}

  /** One request. */
  public record Request(
      String deploymentId,
      String versionId,
      long atUnixMs,
      String method,
      String host,
      String path,
      int status,
      long received,
      long sent,
      long micros,
      String clientIp,
      String requestId) {}

  static TrafficReport read(JsonNode message) {
    return new TrafficReport(
        text(message, "run", 64),
        message.path("sequence").asLong(0),
        message.path("at_unix_ms").asLong(0),
        text(message, "counters", 64),
        list(message.path("totals"), TrafficReport::total),
        list(message.path("tallies"), TrafficReport::tally),
        list(message.path("requests"), TrafficReport::request));
  }

  private static <T> List<T> list(JsonNode nodes, Function<JsonNode, T> read) {
    List<T> list = new ArrayList<>();
    for (JsonNode node : nodes) {
      if (list.size() < MOST) {
        list.add(read.apply(node));
      }
    }
    return list;
  }

  private static Total total(JsonNode node) {
    return new Total(
        text(node, "id", 128),
        number(node, "received"),
        number(node, "sent"),
        number(node, "received_known"),
        number(node, "sent_known"));
  }

  private static Tally tally(JsonNode node) {
    List<Integer> durations = new ArrayList<>();
    for (JsonNode count : node.path("durations")) {
      if (durations.size() < CLASSES) {
        durations.add(Math.max(0, count.asInt(0)));
      }
    }
    return new Tally(
        text(node, "deployment_id", 128),
        text(node, "version_id", 128),
        text(node, "method", 16),
        text(node, "route", 512),
        number(node, "requests"),
        number(node, "client_errors"),
        number(node, "server_errors"),
        number(node, "unlogged"),
        number(node, "received"),
        number(node, "sent"),
        durations);
  }

  private static Request request(JsonNode node) {
    return new Request(
        text(node, "deployment_id", 128),
        text(node, "version_id", 128),
        number(node, "at_unix_ms"),
        text(node, "method", 32),
        text(node, "host", 260),
        text(node, "path", 512),
        (int) Math.min(999, number(node, "status")),
        number(node, "received"),
        number(node, "sent"),
        number(node, "micros"),
        text(node, "client_ip", 64),
        text(node, "request_id", 64));
  }

  private static long number(JsonNode node, String field) {
    return Math.max(0, node.path(field).asLong(0));
  }

  /** What a gateway writes down was said by anybody: bounded, and without NUL. */
  private static String text(JsonNode node, String field, int most) {
    String text = node.path(field).asString("").replace("\0", "");
    return text.length() <= most ? text : text.substring(0, most);
  }
}
