package com.atoll.bench;

import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * A request on a new connection from inside a sandbox to a server outside: of one that a policy
 * guards, through the egress proxy, and of one that nothing does.
 */
final class EgressBench implements Benchmark {
  private static final String THROUGH = "through the proxy";
  private static final String DIRECT = "direct";
  private static final int ROUNDS = 5;

  /** Prints how many nanoseconds each request took. */
  private static final String CLIENT =
      """
      import socket, sys, time
      address, host, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
      request = ('GET / HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n' % host).encode()
      for _ in range(count):
          began = time.perf_counter_ns()
          with socket.create_connection((address, 80)) as one:
              one.sendall(request)
              answer = b''
              while not answer.endswith(b'outside'):
                  part = one.recv(65536)
                  if not part:
                      sys.exit('cut off after ' + repr(answer))
                  answer += part
          print(time.perf_counter_ns() - began)
      """;

  @Override
  public Report run(Setup setup) throws Exception {
    Report report = new Report("egress").promise(THROUGH).baseline(DIRECT);
    try (Outside outside = Outside.named("bench.test", setup.home())) {
      String free = sandbox(setup.api());
      String guarded = sandbox(setup.api());
      try {
        guard(setup.api(), guarded, outside.name());
        request(setup, free, outside, 20, new Samples());
        request(setup, guarded, outside, 20, new Samples());
        for (int i = 0; i < ROUNDS; i++) {
          request(setup, free, outside, setup.count(60), report.row(DIRECT));
          request(setup, guarded, outside, setup.count(60), report.row(THROUGH));
        }
      } finally {
        setup.api().delete("/sandboxes/" + free);
        setup.api().delete("/sandboxes/" + guarded);
      }
    }
    report.remark(
        String.format(
            java.util.Locale.ROOT,
            "The proxy adds %.2f ms at p50 to a request on a new connection.",
            report.row(THROUGH).percentile(50) - report.row(DIRECT).percentile(50)));
    return report;
  }

  private static String sandbox(Api api) throws IOException {
    String id = api.post("/sandboxes", Map.of("size", "small")).path("id").asString();
    String program =
        Base64.getEncoder()
            .encodeToString(CLIENT.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    var _ =
        api.post(
            "/sandboxes/" + id + "/fs/write",
            Map.of("path", "/tmp/client.py", "content_base64", program));
    return id;
  }

  private static void guard(Api api, String id, String host) throws IOException {
    Map<String, String> bound = Map.of("resource_type", "sandbox", "resource_id", id);
    Map<String, Object> policy = new java.util.HashMap<>(bound);
    policy.putAll(Map.of("name", "bench", "mode", "enforce", "default_effect", "deny"));
    var _ = api.post("/egress/policies", policy);
    Map<String, Object> rule = new java.util.HashMap<>(bound);
    rule.putAll(Map.of("host", host, "effect", "allow"));
    var _ = api.post("/egress/allowlist", rule);
  }

  private static void request(Setup setup, String id, Outside outside, int count, Samples samples)
      throws IOException {
    String command =
        "python3 /tmp/client.py " + Outside.ADDRESS + " " + outside.name() + " " + count;
    var answer =
        setup.api().post("/sandboxes/" + id + "/exec", Map.of("command", command, "timeout", 100));
    List<String> lines = answer.path("stdout").asString().lines().toList();
    if (lines.size() != count) {
      throw new IOException("the client of the bench said: " + answer);
    }
    lines.forEach(line -> samples.add(Long.parseLong(line)));
  }
}
