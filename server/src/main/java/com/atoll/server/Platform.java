package com.atoll.server;

import com.atoll.platform.Installation;
import com.atoll.server.http.Authenticator;
import com.atoll.server.http.Capability;
import com.atoll.server.http.HttpServer;
import com.atoll.server.http.Operation;
import com.atoll.server.http.Registry;
import com.atoll.server.http.StoredAnswers;
import com.atoll.server.identity.KeyAuthenticator;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Store;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** Everything of the control plane, wired by hand. Making it opens nothing; starting it does. */
public final class Platform implements AutoCloseable {
  private final Store store;
  private final List<Capability> capabilities = new ArrayList<>();
  private final Registry registry;
  private final HttpServer http;

  /** The platform of an installation. */
  public Platform(Installation installation) {
    store = Store.of(installation);
    Vault vault = Vault.of(installation);
    StoredAnswers answers = new StoredAnswers(store, vault);
    Authenticator authenticator = new KeyAuthenticator(store, Clock.systemUTC());
    List<Operation<?, ?>> operations = new ArrayList<>();
    capabilities.forEach(c -> operations.addAll(c.operations()));
    registry = Registry.of(operations);
    http = new HttpServer(installation.serverSocket(), registry, authenticator, answers);
  }

  /** All operations. */
  public Registry registry() {
    return registry;
  }

  /** Begins to answer and to work. */
  public void start() throws Exception {
    store.start();
    capabilities.forEach(Capability::start);
    http.start();
  }

  /** Waits until the platform has ended. */
  public void join() throws InterruptedException {
    http.join();
  }

  @Override
  public void close() {
    http.close();
    capabilities.reversed().forEach(Capability::close);
    store.close();
  }
}
