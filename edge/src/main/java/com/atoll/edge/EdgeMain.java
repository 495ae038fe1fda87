package com.atoll.edge;

import com.atoll.edge.dns.DnsServer;
import com.atoll.edge.dns.Resolver;
import com.atoll.edge.egress.EgressProxy;
import com.atoll.edge.gateway.Gateway;
import com.atoll.edge.gateway.Limits;
import com.atoll.platform.CrashPoints;
import com.atoll.platform.Installation;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;

/** The process {@code atoll-edge}. */
public final class EdgeMain {
  private static final long DRAIN_MS = 4_000;

  private EdgeMain() {}

  /** Runs until it is told to stop: {@code EdgeMain --installation FILE}. */
  public static void main(String[] arguments)
      throws IOException, GeneralSecurityException, InterruptedException {
    if (arguments.length != 2 || !arguments[0].equals("--installation")) {
      System.err.println("usage: EdgeMain --installation FILE");
      System.exit(2);
    }
    Installation installation = Installation.read(Path.of(arguments[1]));
    CrashPoints.enable(installation);
    CrashPoints.announce(
        installation, "edge", Arrays.stream(CrashPoint.values()).map(CrashPoint::point).toList());
    // First of all, because a sandbox that asks for a name meanwhile is refused at once.
    Resolver resolver = new Resolver(installation.hosts());
    DnsServer dns = new DnsServer(installation.gatewayAddress(), installation.dnsPort(), resolver);
    dns.start();
    Gateway gateway = new Gateway(installation, Limits.standard());
    gateway.start();
    EgressProxy egress = new EgressProxy(installation, gateway.table(), gateway.feed(), resolver);
    egress.start();
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform().name("stop").unstarted(() -> stop(gateway, dns, egress)));
    // Only a signal ends this process.
    new CountDownLatch(1).await();
  }

  private static void stop(Gateway gateway, DnsServer dns, EgressProxy egress) {
    gateway.close(DRAIN_MS);
    dns.close();
    egress.close();
  }
}
