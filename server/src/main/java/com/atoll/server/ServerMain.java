package com.atoll.server;

import com.atoll.platform.CrashPoints;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

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
    CrashPoints.announce(given.installation(), "server", crashPoints());
    Platform platform = new Platform(given.installation());
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(platform::close));
    platform.start();
    platform.join();
  }

  private static List<String> crashPoints() {
    return Stream.of(
            Arrays.stream(com.atoll.server.sandboxes.CrashPoint.values())
                .map(com.atoll.server.sandboxes.CrashPoint::wire),
            Arrays.stream(com.atoll.server.deployments.CrashPoint.values())
                .map(com.atoll.server.deployments.CrashPoint::wire),
            Arrays.stream(com.atoll.server.templates.CrashPoint.values())
                .map(com.atoll.server.templates.CrashPoint::wire),
            Arrays.stream(com.atoll.server.usage.CrashPoint.values())
                .map(com.atoll.server.usage.CrashPoint::wire),
            Arrays.stream(com.atoll.server.traffic.CrashPoint.values())
                .map(com.atoll.server.traffic.CrashPoint::wire),
            Arrays.stream(com.atoll.server.volumes.CrashPoint.values())
                .map(com.atoll.server.volumes.CrashPoint::wire),
            Arrays.stream(com.atoll.server.snapshots.CrashPoint.values())
                .map(com.atoll.server.snapshots.CrashPoint::wire),
            Arrays.stream(com.atoll.server.egress.CrashPoint.values())
                .map(com.atoll.server.egress.CrashPoint::wire),
            Arrays.stream(com.atoll.server.webhooks.CrashPoint.values())
                .map(com.atoll.server.webhooks.CrashPoint::wire),
            Arrays.stream(com.atoll.server.drains.CrashPoint.values())
                .map(com.atoll.server.drains.CrashPoint::wire))
        .flatMap(points -> points)
        .toList();
  }
}
