package com.atoll.server.traffic;

import com.atoll.platform.Latencies;
import com.atoll.server.traffic.TrafficViews.RouteTrafficView;
import com.atoll.server.traffic.TrafficViews.TrafficBucket;
import java.time.Instant;
import org.jooq.Record;

/** Requests added up. */
final class Sums {
  private static final double SHOWN = 1000;

  long requests;
  long clientErrors;
  long serverErrors;
  long unlogged;
  long received;
  long sent;
  final long[] durations = new long[Latencies.CLASSES];

  /** Adds a row with all columns. */
  Sums add(Record row) {
    requests += row.get("requests", Long.class);
    clientErrors += row.get("client_errors", Long.class);
    serverErrors += row.get("server_errors", Long.class);
    unlogged += row.get("unlogged", Long.class);
    received += row.get("received", Long.class);
    sent += row.get("sent", Long.class);
    Long[] counts = row.get("durations", Long[].class);
    for (int i = 0; i < Math.min(durations.length, counts.length); i++) {
      durations[i] += counts[i];
    }
    return this;
  }

  double errorRate() {
    return requests == 0 ? 0 : rounded((double) serverErrors / requests);
  }

  double percentile(double share) {
    return rounded(Latencies.percentile(durations, share));
  }

  private static double rounded(double value) {
    return Math.round(value * SHOWN) / SHOWN;
  }

  TrafficBucket bucket(Instant start) {
    return new TrafficBucket(
        start,
        requests,
        clientErrors,
        serverErrors,
        errorRate(),
        percentile(0.5),
        percentile(0.95),
        percentile(0.99),
        received,
        sent);
  }

  RouteTrafficView route(String method, String route) {
    return new RouteTrafficView(
        method,
        route,
        requests,
        clientErrors,
        serverErrors,
        errorRate(),
        percentile(0.5),
        percentile(0.95),
        percentile(0.99),
        received,
        sent);
  }
}
