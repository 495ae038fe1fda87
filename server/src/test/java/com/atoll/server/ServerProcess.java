package com.atoll.server;

import com.atoll.server.testing.Installations;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A whole server in a process of its own, which a test may kill. */
final class ServerProcess {
  private ServerProcess() {}

  /** {@code HOME RUN}: its socket is in RUN, which has the database's in {@code pg}. */
  public static void main(String[] arguments) throws Exception {
    Platform platform =
        new Platform(Installations.in(Path.of(arguments[0]), Path.of(arguments[1])), List.of());
    platform.start();
    while (!platform.store().ready()) {
      LockSupport.parkNanos(5_000_000);
    }
    System.out.println("ready");
    platform.join();
  }
}
