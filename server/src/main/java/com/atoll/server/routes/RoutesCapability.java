package com.atoll.server.routes;

import com.atoll.platform.Installation;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Operation;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves the route feed once the table is complete. */
public final class RoutesCapability implements Capability {
  private static final Logger LOG = LoggerFactory.getLogger(RoutesCapability.class);

  private final Installation installation;
  private final Routes routes;
  private final RouteRequests requests;
  private @Nullable FeedServer server;
  private boolean closed;

  /** The feed of this table; {@code requests} answers what gateways ask. */
  public RoutesCapability(Installation installation, Routes routes, RouteRequests requests) {
    this.installation = installation;
    this.routes = routes;
    this.requests = requests;
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return List.of();
  }

  @Override
  public void start() {
    Thread.ofVirtual().name("feed-start").start(this::serve);
  }

  private void serve() {
    try {
      routes.awaitLoaded();
    } catch (InterruptedException stopped) {
      return;
    }
    synchronized (this) {
      if (!closed) {
        server = FeedServer.start(installation, routes, requests);
        LOG.info("The route feed is open.");
      }
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    FeedServer open = server;
    if (open != null) {
      open.close();
    }
  }
}
