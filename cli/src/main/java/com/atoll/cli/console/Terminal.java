package com.atoll.cli.console;

import com.atoll.cli.http.ApiException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The terminal of the caller in raw mode; closing gives it back as it was, on every way out. */
public final class Terminal implements AutoCloseable {
  /** The size that is taken where there is none. */
  public static final Size USUAL = new Size(80, 24);

  private final @Nullable String saved;
  private final Thread atExit = new Thread(this::restore, "terminal");

  /**
   * Its size.
   *
   * @param columns characters of a line
   * @param rows lines
   */
  public record Size(int columns, int rows) {}

  private Terminal(@Nullable String saved) {
    this.saved = saved;
  }

  /** Puts the caller's terminal into raw mode; a pipe stays a pipe. */
  public static Terminal open() {
    String settings = stty("-g").strip();
    if (settings.isEmpty()) {
      return new Terminal(null);
    }
    Terminal terminal = new Terminal(settings);
    Runtime.getRuntime().addShutdownHook(terminal.atExit);
    stty("raw", "-echo");
    return terminal;
  }

  /** Whether somebody types what this program reads. */
  static boolean isInput() {
    return !stty("-g").isBlank();
  }

  /** The size now; that of a pipe is nobody's. */
  public Optional<Size> size() {
    if (saved == null) {
      return Optional.empty();
    }
    String[] parts = stty("size").strip().split(" ", 2);
    try {
      Size size = new Size(Integer.parseInt(parts[1]), Integer.parseInt(parts[0]));
      return size.columns() > 0 && size.rows() > 0 ? Optional.of(size) : Optional.empty();
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException unknown) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    if (saved == null) {
      return;
    }
    restore();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException exiting) {
      return;
    }
  }

  private void restore() {
    if (saved != null) {
      stty(saved);
    }
  }

  private static String stty(String... arguments) {
    String[] command = new String[arguments.length + 1];
    command[0] = "stty";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.INHERIT)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return output;
    } catch (IOException missing) {
      throw new ApiException("NO_STTY", "cannot run stty", "install coreutils");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
