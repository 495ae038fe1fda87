package com.atoll.bench;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A gigabyte out of a command, out of a file and into one; the baseline writes it from inside, to
 * the disk.
 */
final class StreamBench implements Benchmark {
  private static final String OUTPUT = "command output";
  private static final String DOWNLOAD = "download";
  private static final String UPLOAD = "upload";
  private static final String SYNCED = "upload, on the disk";
  private static final String DISK = "dd inside, on the disk";
  private static final int ROUNDS = 3;

  @Override
  public Report run(Setup setup) throws Exception {
    Report report = new Report("stream").promise(SYNCED).baseline(DISK);
    long bytes = (long) ((1L << 30) * Math.min(1, setup.scale()));
    Map<String, Object> wanted = Map.of("size", "small", "timeout_sec", 1800);
    String at = "/sandboxes/" + setup.api().post("/sandboxes", wanted).path("id").asString();
    try {
      for (int i = 0; i < ROUNDS; i++) {
        String command = "yes \"$(head -c 4000 /dev/zero | tr '\\0' x)\" | head -c " + bytes;
        Map<String, Object> spoken = Map.of("command", command, "timeout", 300);
        report.row(OUTPUT).time(() -> setup.api().drain("POST", at + "/exec/stream", spoken));
        long start = System.nanoTime();
        setup.api().upload(at + "/fs/upload?path=/workspace/b", bytes);
        report.row(UPLOAD).add(System.nanoTime() - start);
        shell(setup, at, "sync -d /workspace/b");
        report.row(SYNCED).add(System.nanoTime() - start);
        String file = at + "/fs/download?path=/workspace/b";
        report.row(DOWNLOAD).time(() -> setup.api().drain("GET", file, Map.of()));
        shell(setup, at, "rm /workspace/b");
        String dd = "dd if=/dev/zero of=/workspace/b bs=1M conv=fdatasync count=";
        report.row(DISK).time(() -> shell(setup, at, dd + (bytes >> 20)));
      }
    } finally {
      setup.api().delete(at);
    }
    for (String row : new String[] {OUTPUT, DOWNLOAD, UPLOAD, SYNCED, DISK}) {
      double seconds = report.row(row).percentile(50) / 1e3;
      report.remark(
          String.format(Locale.ROOT, "%s: %.0f MB/s", row, bytes / 1e6 / Math.max(seconds, 1e-9)));
    }
    report.remark(
        "Over HTTP through the gateway; the output of a command as events, which are larger than what they carry."
            + " The baseline writes as many bytes inside the same sandbox with dd, until they are on the disk.");
    return report;
  }

  private static void shell(Setup setup, String at, String command) throws IOException {
    JsonNode done = setup.api().post(at + "/exec", Map.of("command", command, "timeout", 110));
    if (done.path("exit_code").asInt(-1) != 0) {
      throw new IOException(command + " -> " + done);
    }
  }
}
