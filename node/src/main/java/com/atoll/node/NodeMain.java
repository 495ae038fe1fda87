package com.atoll.node;

import com.atoll.node.linux.HostProgram;
import com.atoll.platform.CrashPoints;
import com.atoll.platform.Installation;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The node process: {@code NodeMain --installation FILE}, as root. */
public final class NodeMain {
  private static final Logger LOG = Logger.getLogger(NodeMain.class.getName());

  /** Warns at each connection of an option that Unix sockets do not have. */
  private static final Logger NETTY = Logger.getLogger("io.netty.bootstrap");

  /** Tells of every connection that only looked whether somebody listens. */
  private static final Logger GRPC = Logger.getLogger("io.grpc.netty.NettyServerTransport");

  private NodeMain() {}

  /** Runs until it is asked to end; workloads go on without it. */
  @SuppressWarnings("SystemExitOutsideMain")
  public static void main(String[] arguments) throws InterruptedException {
    if (arguments.length == 1 && arguments[0].equals("--list-crash-points")) {
      listCrashPoints(System.out);
      return;
    }
    if (arguments.length != 2 || !arguments[0].equals("--installation")) {
      System.err.println("usage: NodeMain --installation FILE | --list-crash-points");
      System.exit(2);
    }
    NETTY.setLevel(Level.SEVERE);
    GRPC.setLevel(Level.WARNING);
    CountDownLatch ended = new CountDownLatch(1);
    try {
      Installation installation = Installation.read(Path.of(arguments[1]));
      CrashPoints.enable(installation);
      CrashPoints.announce(
          installation, "node", Arrays.stream(CrashPoint.values()).map(CrashPoint::point).toList());
      if (CrashPoints.enabled()) {
        HostProgram agent = new HostProgram(installation.dist().resolve("bin/agent"));
        CrashPoints.announce(
            installation, "guest", agent.run("--list-crash-points").lines().toList());
      }
      Node node = Node.open(installation);
      Runtime.getRuntime()
          .addShutdownHook(
              Thread.ofPlatform()
                  .name("end")
                  .unstarted(() -> {
                    node.close();
                    ended.countDown();
                  }));
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.SEVERE, "the node cannot start", e);
      System.exit(1);
    }
    ended.await();
  }

  private static void listCrashPoints(PrintStream out) {
    for (CrashPoint point : CrashPoint.values()) {
      out.println(point.point());
    }
  }
}
