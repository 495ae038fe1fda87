package com.atoll.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Random;

/**
 * Small files written and read over the API; the baseline writes and reads them on the host's disk.
 */
final class FilesBench implements Benchmark {
  @Override
  public Report run(Setup setup) throws Exception {
    Report report = new Report("files").promise("write 16 KiB").baseline("host write 16 KiB");
    byte[] content = new byte[16 << 10];
    new Random(7).nextBytes(content);
    String encoded = Base64.getEncoder().encodeToString(content);
    String id = setup.api().post("/sandboxes", Map.of()).path("id").asString();
    Path scratch = Files.createTempDirectory(setup.home(), "bench-files");
    try {
      for (int i = -20; i < setup.count(300); i++) {
        int n = i;
        String path = "/workspace/bench/" + n;
        Samples write = i < 0 ? new Samples() : report.row("write 16 KiB");
        write.time(() ->
            setup
                .api()
                .post(
                    "/sandboxes/" + id + "/fs/write",
                    Map.of("path", path, "content_base64", encoded)));
        Samples read = i < 0 ? new Samples() : report.row("read 16 KiB");
        read.time(() -> setup.api().bytes("/sandboxes/" + id + "/fs/download?path=" + path));
        Samples host = i < 0 ? new Samples() : report.row("host write 16 KiB");
        host.time(() -> Files.write(scratch.resolve(Integer.toString(n)), content));
      }
      setup
          .api()
          .post(
              "/sandboxes/" + id + "/exec",
              Map.of("command", "head -c 256M /dev/urandom > /workspace/large", "timeout", 60));
      for (int i = 0; i < 3; i++) {
        report
            .row("download 256 MiB")
            .time(
                () -> setup.api().bytes("/sandboxes/" + id + "/fs/download?path=/workspace/large"));
      }
    } finally {
      setup.api().delete("/sandboxes/" + id);
      try (var files = Files.walk(scratch)) {
        for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    report.remark(
        "The baseline is a plain write on the host, without a network, an API or a sandbox.");
    return report;
  }
}
