package com.atoll.bench;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many deliveries a second reach a receiver on loopback. Needs {@code webhook_http = true} and
 * {@code webhook_ranges = 127.0.0.0/8}.
 */
final class WebhooksBench implements Benchmark {
  private static final int ENDPOINTS = 16;
  private static final long PATIENCE_S = 120;

  @Override
  public Report run(Setup setup) throws Exception {
    Report report =
        new Report("webhooks").promise("change to delivery").baseline("the change itself");
    String id = setup.api().post("/sandboxes", Map.of("size", "xs")).path("id").asString();
    List<String> endpoints = new ArrayList<>();
    Arrivals arrivals = new Arrivals();
    HttpServer receiver =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      receiver.setExecutor(workers);
      receiver.createContext(
          "/",
          exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
            arrivals.add();
          });
      receiver.start();
      String url = "http://127.0.0.1:" + receiver.getAddress().getPort() + "/";
      endpoint(setup, url, endpoints);
      for (int i = 0; i < setup.count(100); i++) {
        arrivals.begin(1);
        report.row("the change itself").time(() -> change(setup, id));
        arrivals.await();
        report.row("change to delivery").add(arrivals.took());
      }
      while (endpoints.size() < ENDPOINTS) {
        endpoint(setup, url, endpoints);
      }
      int changes = setup.count(400);
      arrivals.begin(changes * ENDPOINTS);
      for (int i = 0; i < changes; i++) {
        change(setup, id);
      }
      arrivals.await();
      report.remark(
          String.format(
              Locale.ROOT,
              "%d changes for %d endpoints: %.0f deliveries/s.",
              changes,
              ENDPOINTS,
              changes * ENDPOINTS * 1e9 / arrivals.took()));
    } finally {
      receiver.stop(0);
      for (String endpoint : endpoints) {
        setup.api().delete("/webhooks/" + endpoint);
      }
      setup.api().delete("/sandboxes/" + id);
    }
    return report;
  }

  private static void endpoint(Setup setup, String url, List<String> endpoints) throws IOException {
    endpoints.add(
        setup
            .api()
            .post("/webhooks", Map.of("url", url, "events", List.of("sandbox.updated")))
            .path("id")
            .asString());
  }

  private static void change(Setup setup, String id) throws IOException {
    setup.api().patch("/sandboxes/" + id, Map.of("name", "bench-" + System.nanoTime()));
  }

  /** Counts deliveries. */
  private static final class Arrivals {
    private final AtomicInteger missing = new AtomicInteger();
    private final AtomicLong last = new AtomicLong();
    private long began;

    synchronized void begin(int count) {
      missing.set(count);
      began = System.nanoTime();
    }

    void add() {
      last.set(System.nanoTime());
      if (missing.decrementAndGet() == 0) {
        synchronized (this) {
          notifyAll();
        }
      }
    }

    synchronized void await() throws InterruptedException, IOException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
      while (missing.get() > 0) {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          throw new IOException(missing + " deliveries did not come within " + PATIENCE_S + " s");
        }
        wait(left);
      }
    }

    long took() {
      return last.get() - began;
    }
  }
}
