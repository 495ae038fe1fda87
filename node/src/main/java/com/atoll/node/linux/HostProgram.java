package com.atoll.node.linux;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A program of the host, found where Debian and its kin keep them, whatever PATH says. */
public record HostProgram(Path path) {
  private static final List<String> PLACES =
      List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin");
  private static final int OUTPUT_LIMIT = 1 << 20;

  /** The program, when it is installed. */
  public static Optional<HostProgram> find(String name) {
    return PLACES.stream()
        .map(place -> Path.of(place, name))
        .filter(Files::isExecutable)
        .findFirst()
        .map(HostProgram::new);
  }

  /** The program; a sentence that names it when it is missing. */
  public static HostProgram require(String name) throws IOException {
    return find(name).orElseThrow(() -> new IOException(name + " is not installed"));
  }

  /** The PATH for programs that start others. */
  public static String searchPath() {
    return String.join(":", PLACES);
  }

  /** Runs it to its end and answers what it printed; its complaint is the exception's message. */
  public String run(String... arguments) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(path.toString());
    words.addAll(Arrays.asList(arguments));
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.environment().put("PATH", searchPath());
    builder.environment().put("LC_ALL", "C.UTF-8");
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      String output;
      try (InputStream stream = process.getInputStream()) {
        output = new String(stream.readNBytes(OUTPUT_LIMIT), StandardCharsets.UTF_8).strip();
        stream.transferTo(java.io.OutputStream.nullOutputStream());
      }
      int code = process.waitFor();
      if (code != 0) {
        throw new IOException(path.getFileName() + " ended with " + code + ": " + output);
      }
      return output;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(path.getFileName() + " was interrupted", e);
    } finally {
      process.destroyForcibly();
    }
  }
}
