package com.atoll.node.archive;

import com.atoll.node.linux.HostProgram;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compressed streams of {@code btrfs send} and {@code btrfs receive}. */
final class TreeStreams {
  private static final int BUFFER = 1 << 18;

  private TreeStreams() {}

  /** Takes bytes on their way and may end it. */
  interface Meter {
    /** So many bytes went by since the last call. */
    void passed(int bytes) throws IOException;
  }

  /** Programs that feed each other, and what they complain about. */
  private record Pipeline(List<Process> processes, Path complaints) implements AutoCloseable {
    static Pipeline start(List<List<String>> commands) throws IOException {
      Path complaints = Files.createTempFile("tree-stream", ".log");
      List<ProcessBuilder> builders = new ArrayList<>();
      for (List<String> command : commands) {
        ProcessBuilder builder =
            new ProcessBuilder(command).redirectError(Redirect.appendTo(complaints.toFile()));
        builder.environment().put("LC_ALL", "C.UTF-8");
        builders.add(builder);
      }
      return new Pipeline(ProcessBuilder.startPipeline(builders), complaints);
    }

    /** Waits until all of them have ended well. */
    void await() throws IOException {
      try {
        boolean well = true;
        for (Process process : processes) {
          well &= process.waitFor() == 0;
        }
        if (!well) {
          throw new IOException(said());
        }
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", stopped);
      }
    }

    String said() throws IOException {
      try (InputStream text = Files.newInputStream(complaints)) {
        return new String(text.readNBytes(2000), StandardCharsets.UTF_8).strip();
      }
    }

    @Override
    public void close() throws IOException {
      processes.forEach(Process::destroyForcibly);
      Files.deleteIfExists(complaints);
    }
  }

  /** Writes what makes a tree; of what it shares with the parent nothing. */
  static void send(Path tree, @Nullable Path parent, OutputStream to, Meter meter)
      throws IOException {
    List<String> send = new ArrayList<>(List.of(program("btrfs"), "send", "-q"));
    if (parent != null) {
      send.addAll(List.of("-p", parent.toString()));
    }
    send.add(tree.toString());
    try (Pipeline pipeline =
        Pipeline.start(List.of(send, List.of(program("zstd"), "-q", "-3", "-c")))) {
      copy(pipeline.processes().getLast().getInputStream(), to, meter);
      pipeline.await();
    }
  }

  /** Makes the tree of a stream below a folder, under the name that it was sent with. */
  static void receive(InputStream from, Path folder, Meter meter) throws IOException {
    List<List<String>> commands =
        List.of(
            List.of(program("zstd"), "-q", "-d", "-c"),
            List.of(program("btrfs"), "receive", "-q", folder.toString()));
    try (Pipeline pipeline = Pipeline.start(commands)) {
      try (OutputStream to = pipeline.processes().getFirst().getOutputStream()) {
        copy(from, to, meter);
      } catch (DamagedArchiveException damaged) {
        throw damaged;
      } catch (IOException broken) {
        String said = pipeline.said(); // Why they went away, rather than that the pipe broke.
        throw said.isEmpty() ? broken : new IOException(said, broken);
      }
      pipeline.await();
    }
  }

  private static String program(String name) throws IOException {
    return HostProgram.require(name).path().toString();
  }

  private static void copy(InputStream from, OutputStream to, Meter meter) throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
      to.write(buffer, 0, n);
      meter.passed(n);
    }
  }
}
