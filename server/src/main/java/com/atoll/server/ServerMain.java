package com.atoll.server;

import com.atoll.platform.CrashPoints;

/** The process {@code atoll-server}. */
public final class ServerMain {
  private ServerMain() {}

  /** Runs until the process is ended. */
  public static void main(String[] arguments) throws Exception {
    System.setProperty(
        "java.util.logging.SimpleFormatter.format",
        "%1$tY-%1$tm-%1$tdT%1$tH:%1$tM:%1$tS.%1$tL %4$s %3$s %5$s%6$s%n");
    Arguments given = Arguments.of(arguments);
    CrashPoints.enable(given.installation());
    Platform platform = new Platform(given.installation());
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(platform::close));
    platform.start();
    platform.join();
  }
}
