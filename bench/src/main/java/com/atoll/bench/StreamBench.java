package com.atoll.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Map;

/** A gigabyte out of a command, out of a file and into one; the baseline writes it on the host. */
final class StreamBench implements Benchmark {
  private static final String OUTPUT = "command output";
  private static final String DOWNLOAD = "download";
  private static final String UPLOAD = "upload";
  private static final String DISK = "host write";
  private static final int ROUNDS = 3;

  @Override
  public Report run(Setup setup) throws Exception {
    Report report = new Report("stream").promise(UPLOAD).baseline(DISK);
    long bytes = (long) ((1L << 30) * Math.min(1, setup.scale()));
    Map<String, Object> wanted = Map.of("size", "small", "timeout_sec", 1800);
    String at = "/sandboxes/" + setup.api().post("/sandboxes", wanted).path("id").asString();
    Path scratch = Files.createTempDirectory(setup.home(), "bench-stream");
    try {
      for (int i = 0; i < ROUNDS; i++) {
        String command = "yes \"$(head -c 4000 /dev/zero | tr '\\0' x)\" | head -c " + bytes;
        Map<String, Object> spoken = Map.of("command", command, "timeout", 300);
        report.row(OUTPUT).time(() -> setup.api().drain("POST", at + "/exec/stream", spoken));
        report
            .row(UPLOAD)
            .time(() -> setup.api().upload(at + "/fs/upload?path=/workspace/b", bytes));
        String file = at + "/fs/download?path=/workspace/b";
        report.row(DOWNLOAD).time(() -> setup.api().drain("GET", file, Map.of()));
        report.row(DISK).time(() -> write(scratch.resolve("b"), bytes));
      }
    } finally {
      setup.api().delete(at);
      Files.deleteIfExists(scratch.resolve("b"));
      Files.delete(scratch);
    }
    for (String row : new String[] {OUTPUT, DOWNLOAD, UPLOAD, DISK}) {
      double seconds = report.row(row).percentile(50) / 1e3;
      report.remark(
          String.format(Locale.ROOT, "%s: %.0f MB/s", row, bytes / 1e6 / Math.max(seconds, 1e-9)));
    }
    report.remark(
        "Over HTTP through the gateway; the output of a command as events, which are larger than what they carry."
            + " The baseline writes the same file on the host's disk, whose cache takes both.");
    return report;
  }

  private static void write(Path file, long size) throws IOException {
    try (FileChannel out =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer piece = ByteBuffer.allocateDirect(256 << 10);
      for (long done = 0; done < size; done += piece.capacity()) {
        piece.clear().limit((int) Math.min(piece.capacity(), size - done));
        while (piece.hasRemaining()) {
          out.write(piece);
        }
      }
    }
  }
}
