package com.atoll.server;

import com.atoll.platform.CrashPoints;

/** The process {@code atoll-server}. */
public final class ServerMain {
  private ServerMain() {}

  /** Runs until the process is ended. */
  public static void main(String[] arguments) throws Exception {
    Arguments given = Arguments.of(arguments);
    CrashPoints.enable(given.installation());
    Platform platform = new Platform(given.installation());
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(platform::close));
    platform.start();
    platform.join();
  }
}
