package com.atoll.server.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Names of the system's users. */
final class Users {
  private Users() {}

  static String name(int uid) {
    try {
      Process process = new ProcessBuilder("getent", "passwd", Integer.toString(uid)).start();
      String line = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0 || line.indexOf(':') < 0) {
        throw new IllegalStateException("the system has no user " + uid);
      }
      return line.substring(0, line.indexOf(':'));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
