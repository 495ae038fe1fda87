package com.atoll.node.guest;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What to run in a sandbox.
 *
 * @param shell a line for {@code bash -lc}, or null for {@code words}
 * @param words a program and its arguments; empty with {@code shell}
 * @param cwd null for {@code /workspace}
 * @param user null for root
 * @param timeout null for none; then the whole group is killed and the exit code is 124
 * @param stdin at most 1 MiB
 * @param terminal whether it gets a terminal of {@code rows} and {@code cols} (0 = 24 by 80)
 * @param keepStdinOpen whether more input may come by {@link GuestProcesses#input}
 * @param loginShell whether the sandbox's shell takes the place of the first word
 * @param told whether who hears what callers' commands do hears of it
 */
// Bytes are handed on, never compared.
@SuppressWarnings("ArrayRecordComponent")
public record Command(
    @Nullable String shell,
    List<String> words,
    @Nullable String cwd,
    Map<String, String> env,
    @Nullable String user,
    @Nullable Duration timeout,
    byte[] stdin,
    boolean terminal,
    int rows,
    int cols,
    boolean keepStdinOpen,
    boolean loginShell,
    boolean told) {

  /** A command that names its program. */
  public Command(
      @Nullable String shell,
      List<String> words,
      @Nullable String cwd,
      Map<String, String> env,
      @Nullable String user,
      @Nullable Duration timeout,
      byte[] stdin,
      boolean terminal,
      int rows,
      int cols,
      boolean keepStdinOpen) {
    this(
        shell,
        words,
        cwd,
        env,
        user,
        timeout,
        stdin,
        terminal,
        rows,
        cols,
        keepStdinOpen,
        false,
        false);
  }

  /** A shell line with everything else as usual. */
  public static Command shell(String line) {
    return new Command(
        line, List.of(), null, Map.of(), null, null, new byte[0], false, 0, 0, false);
  }

  /** A program with everything else as usual. */
  public static Command words(List<String> words) {
    return new Command(null, words, null, Map.of(), null, null, new byte[0], false, 0, 0, false);
  }

  /** The same in another directory. */
  public Command in(String directory) {
    return new Command(
        shell,
        words,
        directory,
        env,
        user,
        timeout,
        stdin,
        terminal,
        rows,
        cols,
        keepStdinOpen,
        loginShell,
        told);
  }

  /** The same with a time-out. */
  public Command within(Duration limit) {
    return new Command(
        shell,
        words,
        cwd,
        env,
        user,
        limit,
        stdin,
        terminal,
        rows,
        cols,
        keepStdinOpen,
        loginShell,
        told);
  }

  /** The same with these bytes as its standard input. */
  public Command reading(byte[] input) {
    return new Command(
        shell,
        words,
        cwd,
        env,
        user,
        timeout,
        input,
        terminal,
        rows,
        cols,
        keepStdinOpen,
        loginShell,
        told);
  }

  ObjectNode header(String call) {
    ObjectNode header = Connection.header(call);
    if (shell != null) {
      header.put("shell", shell);
    }
    if (!words.isEmpty()) {
      header.set("words", Connection.JSON.valueToTree(words));
    }
    if (cwd != null) {
      header.put("cwd", cwd);
    }
    if (!env.isEmpty()) {
      header.set("env", Connection.JSON.valueToTree(env));
    }
    if (user != null) {
      header.put("user", user);
    }
    if (timeout != null) {
      header.put("timeout_ms", Math.max(1, timeout.toMillis()));
    }
    if (terminal) {
      header.put("terminal", true).put("rows", rows).put("cols", cols);
    }
    if (keepStdinOpen) {
      header.put("keep_stdin_open", true);
    }
    if (loginShell) {
      header.put("login_shell", true);
    }
    if (told) {
      header.put("told", true);
    }
    if (stdin.length > 0) {
      header.put("body", stdin.length);
    }
    return header;
  }
}
