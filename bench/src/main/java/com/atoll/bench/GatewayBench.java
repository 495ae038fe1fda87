package com.atoll.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A preview and a static site through the gateway, beside nginx in front of the same sandbox. */
final class GatewayBench implements Benchmark {
  private static final int CLIENTS = 16;

  @Override
  public Report run(Setup setup) throws Exception {
    Report report = new Report("gateway").promise("preview").baseline("nginx");
    String id = setup.api().post("/sandboxes", Map.of("size", "small")).path("id").asString();
    Path scratch = Files.createTempDirectory(setup.home(), "bench-nginx");
    try {
      String slug = setup.api().get("/sandboxes/" + id).path("slug").asString();
      String page =
          Base64.getEncoder().encodeToString("x".repeat(1024).getBytes(StandardCharsets.UTF_8));
      setup
          .api()
          .post(
              "/sandboxes/" + id + "/fs/write",
              Map.of("path", "/workspace/index.html", "content_base64", page));
      setup
          .api()
          .post(
              "/sandboxes/" + id + "/fs/write",
              Map.of(
                  "path",
                  "/workspace/s.js",
                  "content",
                  "const b=Buffer.alloc(1024,120);require('http').createServer((q,r)=>"
                      + "{r.setHeader('content-length',1024);r.end(b)}).listen(8000,'0.0.0.0')"));
      setup
          .api()
          .post("/sandboxes/" + id + "/processes", Map.of("command", "node /workspace/s.js"));
      setup
          .api()
          .post(
              "/sandboxes/" + id + "/exec",
              Map.of(
                  "command",
                  "for i in $(seq 100); do curl -s -o /dev/null 127.0.0.1:8000 && exit 0; sleep 0.1; done; exit 1"));
      String address =
          setup
              .api()
              .post(
                  "/sandboxes/" + id + "/exec",
                  Map.of("command", "hostname -I | awk '{printf $1}'"))
              .path("stdout")
              .asString()
              .strip();
      String host = "8000-" + slug + ".sandbox." + setup.installation().domain();
      int nginx = 21000 + (int) (ProcessHandle.current().pid() % 10_000);
      try (Nginx _ = Nginx.inFrontOf(address, nginx, scratch)) {
        int perClient = setup.count(400);
        load(setup.installation().httpPort(), host, perClient / 4, new Samples());
        load(nginx, host, perClient / 4, new Samples());
        for (int round = 0; round < 4; round++) {
          rate(report, "preview", setup.installation().httpPort(), host, perClient / 4);
          rate(report, "nginx", nginx, host, perClient / 4);
        }
      }
    } finally {
      setup.api().delete("/sandboxes/" + id);
      try (var files = Files.walk(scratch)) {
        for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
    report.remark(
        CLIENTS
            + " clients with kept connections, 1 KiB answers of a Node.js server in a sandbox; both proxies stand in"
            + " front of the same server.");
    return report;
  }

  private static void rate(Report report, String row, int port, String host, int perClient)
      throws Exception {
    long start = System.nanoTime();
    load(port, host, perClient, report.row(row));
    double seconds = (System.nanoTime() - start) / 1e9;
    report.remark(
        String.format(
            java.util.Locale.ROOT, "%s: %.0f requests/s", row, CLIENTS * perClient / seconds));
  }

  private static void load(int port, String host, int perClient, Samples samples) throws Exception {
    try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        running.add(clients.submit(() -> client(port, host, perClient, samples)));
      }
      for (Future<?> each : running) {
        each.get();
      }
    }
  }

  private static int client(int port, String host, int count, Samples samples) throws IOException {
    byte[] request =
        ("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
    byte[] buffer = new byte[8192];
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setTcpNoDelay(true);
      OutputStream out = socket.getOutputStream();
      InputStream in = socket.getInputStream();
      for (int i = 0; i < count; i++) {
        long start = System.nanoTime();
        out.write(request);
        int have = 0;
        while (!complete(buffer, have)) {
          int read = in.read(buffer, have, buffer.length - have);
          if (read < 0) {
            throw new IOException("closed in the middle of an answer");
          }
          have += read;
        }
        samples.add(System.nanoTime() - start);
      }
    }
    return count;
  }

  /**
   * Whether the buffer holds the head and its 1,024 bytes of body; a status but 200 is an error.
   */
  private static boolean complete(byte[] buffer, int have) throws IOException {
    if (have > 12 && (buffer[9] != '2' || buffer[10] != '0' || buffer[11] != '0')) {
      throw new IOException(new String(buffer, 0, have, StandardCharsets.ISO_8859_1));
    }
    for (int i = 3; i < have; i++) {
      if (buffer[i] == '\n' && buffer[i - 1] == '\r' && buffer[i - 2] == '\n') {
        return have - i - 1 >= 1024;
      }
    }
    return false;
  }
}
