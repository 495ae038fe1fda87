package com.atoll.server.commands;

import com.atoll.model.AtollException;
import com.atoll.model.EnvName;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.CommandSpec;
import com.atoll.server.files.SandboxPath;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Makes what the node runs of what a caller asks for, or says what is wrong with it. */
final class Commands {
  /** The longest that a command may take whose answer is waited for, in seconds. */
  static final int LONGEST = 3600;

  /** A command of {@code /commands}. */
  static final int LONGEST_COMMAND = 600;

  /** One that runs in the background; the node takes no longer one. */
  static final int LONGEST_PROCESS = 7 * 24 * 3600;

  private static final int MOST_TEXT = 512 << 10;
  private static final int MOST_VARIABLES = 512;
  private static final Pattern USER = Pattern.compile("[a-z_][a-z0-9_-]{0,31}|[0-9]{1,10}");

  private Commands() {}

  /** The command, run by a shell; a list of words is joined by spaces. */
  static CommandSpec.Builder shell(@Nullable JsonNode command) {
    String line = line(command);
    if (line.isBlank()) {
      throw AtollException.invalid("command", "must not be empty");
    }
    if (line.length() > MOST_TEXT || line.indexOf('\0') >= 0) {
      throw AtollException.invalid("command", "holds NUL or is too long");
    }
    return CommandSpec.newBuilder().setShell(line).setTold(true);
  }

  private static String line(@Nullable JsonNode command) {
    if (command != null && command.isString()) {
      return command.asString();
    }
    if (command == null || !command.isArray() || command.isEmpty()) {
      throw AtollException.invalid("command", "must be a string or a list of strings");
    }
    StringJoiner line = new StringJoiner(" ");
    for (JsonNode word : command) {
      if (!word.isString()) {
        throw AtollException.invalid("command", "must be a string or a list of strings");
      }
      line.add(word.asString());
    }
    return line.toString();
  }

  /**
   * The directory to run in; a relative one begins at /workspace. Without one it is left to the
   * sandbox: who has removed its /workspace needs a command to bring it back.
   */
  static String directory(@Nullable String cwd) {
    if (cwd == null || cwd.isEmpty()) {
      return "";
    }
    if (cwd.length() > 4096 || cwd.indexOf('\0') >= 0) {
      throw AtollException.of(ErrorCode.INVALID_PATH, "of cwd");
    }
    return SandboxPath.of(cwd).value();
  }

  static Map<String, String> env(@Nullable Map<String, String> env) {
    if (env == null) {
      return Map.of();
    }
    if (env.size() > MOST_VARIABLES) {
      throw AtollException.invalid("env", "must have at most " + MOST_VARIABLES + " entries");
    }
    env.forEach((name, value) -> {
      if (!EnvName.isName(name)) {
        throw AtollException.invalid("env", EnvName.RULE);
      }
      if (value == null || value.indexOf('\0') >= 0) {
        throw AtollException.invalid("env", "must have a string without NUL for " + name);
      }
    });
    return env;
  }

  /** The time-out in milliseconds; absent and 0 mean the longest. */
  static long timeoutMs(String field, @Nullable Double seconds, int longest) {
    if (seconds == null || seconds == 0) {
      return longest * 1000L;
    }
    if (seconds.isNaN() || seconds < 0) {
      throw AtollException.invalid(field, "must not be negative");
    }
    if (seconds > longest) {
      throw AtollException.of(ErrorCode.TIMEOUT_TOO_LONG, longest);
    }
    return Math.max(1, Math.round(seconds * 1000));
  }

  /** The time-out of what runs in the background; absent and 0 mean none, which is 0. */
  static long backgroundMs(String field, @Nullable Double seconds, int longest) {
    return seconds == null || seconds == 0 ? 0 : timeoutMs(field, seconds, longest);
  }

  static String user(@Nullable String user) {
    if (user == null || user.isEmpty()) {
      return "";
    }
    if (!USER.matcher(user).matches()) {
      throw AtollException.invalid("user", "is not the name or the number of a user");
    }
    return user;
  }

  static String name(@Nullable String name) {
    if (name == null) {
      return "";
    }
    if (name.length() > 128 || name.chars().anyMatch(c -> c < 0x20)) {
      throw AtollException.invalid("name", "must be at most 128 printable characters");
    }
    if (name.startsWith("service:")) {
      throw AtollException.invalid("name", "must not begin like those of services");
    }
    return name;
  }

  /** The number of a process in the path. */
  static long pid(String text) {
    if (!text.matches("[0-9]{1,9}")) {
      throw AtollException.of(ErrorCode.PROCESS_NOT_FOUND, text.length() > 40 ? "so named" : text);
    }
    return Long.parseLong(text);
  }
}
