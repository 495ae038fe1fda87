package com.atoll.server.files;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * An absolute path inside a sandbox, free of {@code .} and {@code ..}. Symlinks are the guest's to
 * follow, inside its own tree.
 */
public record SandboxPath(String value) {
  private static final String HOME = "/workspace";
  private static final int LONGEST = 4096;
  private static final int LONGEST_NAME = 255;

  /** The path that a caller means; a relative one begins at /workspace. */
  public static SandboxPath of(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      throw AtollException.withMessage(ErrorCode.INVALID_PATH, "The path is missing or empty.");
    }
    if (text.indexOf('\0') >= 0) {
      throw AtollException.withMessage(ErrorCode.INVALID_PATH, "The path holds a NUL character.");
    }
    if (text.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
      throw AtollException.withMessage(
          ErrorCode.INVALID_PATH, "The path is longer than " + LONGEST + " bytes.");
    }
    Deque<String> names = new ArrayDeque<>();
    if (!text.startsWith("/")) {
      names.add(HOME.substring(1));
    }
    for (String name : text.split("/", -1)) {
      step(names, name);
    }
    return new SandboxPath("/" + String.join("/", names));
  }

  /** The path, or /workspace when the caller names none. */
  static SandboxPath orHome(@Nullable String text) {
    return text == null || text.isEmpty() ? new SandboxPath(HOME) : of(text);
  }

  /** The folder that it is in; the root of the root. */
  public SandboxPath parent() {
    int slash = value.lastIndexOf('/');
    return new SandboxPath(slash <= 0 ? "/" : value.substring(0, slash));
  }

  /** The last name; empty for the root. */
  public String name() {
    return value.substring(value.lastIndexOf('/') + 1);
  }

  @Override
  public String toString() {
    return value;
  }

  private static void step(Deque<String> names, String name) {
    switch (name) {
      case "", "." -> {}
      case ".." -> {
        if (names.pollLast() == null) {
          throw AtollException.withMessage(
              ErrorCode.INVALID_PATH, "The path leads out of the sandbox.");
        }
      }
      default -> {
        if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
          throw AtollException.withMessage(
              ErrorCode.INVALID_PATH,
              "A name in the path is longer than " + LONGEST_NAME + " bytes.");
        }
        names.addLast(name);
      }
    }
  }
}
