package com.atoll.edge.traffic;

import com.atoll.platform.Latencies;

/** Requests of one kind, added up. */
final class Tally {
  final Key key;
  long requests;
  long clientErrors;
  long serverErrors;
  long received;
  long sent;

  /** Those of which no record was kept. */
  long unlogged;

  final int[] durations = new int[Latencies.CLASSES];

  /** What they have in common. */
  record Key(String deployment, String version, String method, String route) {}

  Tally(Key key) {
    this.key = key;
  }

  void add(Served served) {
    requests++;
    clientErrors += served.status() / 100 == 4 ? 1 : 0;
    serverErrors += served.status() / 100 == 5 ? 1 : 0;
    received += served.received();
    sent += served.sent();
    if (!served.tunnel()) {
      durations[Latencies.of(served.micros())]++;
    }
  }
}
