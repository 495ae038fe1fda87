package com.atoll.server.previews;

import com.atoll.model.Principal;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Operation;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.routes.RouteRequests.Granted;
import com.atoll.server.sandboxes.SandboxPorts;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.store.Store;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Previews of sandboxes. */
public final class PreviewsCapability implements Capability {
  private final List<Operation<?, ?>> operations = new ArrayList<>();
  private final PortsOfSandboxes ports;
  private final Grants grants;
  private final BrowserSocket browser;

  /**
   * Previews of these sandboxes.
   *
   * @param opens when a token of another kind stops to open a sandbox's ports; null when it opens
   *     none
   * @param minters who a token stands for that minted another; null when it no longer counts
   */
  public PreviewsCapability(
      Store store,
      Sandboxes sandboxes,
      NodeClient node,
      BiFunction<String, String, @Nullable Instant> opens,
      Function<String, @Nullable Principal> minters) {
    ports = new PortsOfSandboxes(store, sandboxes);
    grants = new Grants(store, opens, minters);
    browser = new BrowserSocket(node);
    Previews previews = new Previews(store, node, ports);
    operations.addAll(new PreviewsApi(sandboxes, previews).operations());
    operations.addAll(new BrowserApi(sandboxes, previews).operations());
    operations.addAll(new SharesApi(sandboxes, previews, store).operations());
  }

  /** What sandboxes ask of the previews of their ports. */
  public static SandboxPorts ofSandboxes(Store store) {
    return new PortTable(store);
  }

  /** Tells which ports are exposed and private, once the sandboxes are known. */
  public void load() {
    ports.load();
  }

  /** Makes the gateways ask again what opens the ports of a sandbox. */
  public void forgetGrants(String sandboxId) {
    ports.publish(sandboxId);
  }

  /** Says whether a token opens a port. */
  public Granted grant(String sandboxId, int port, String token) {
    return grants.grant(sandboxId, port, token);
  }

  /** The path of the socket of the browser inside a sandbox; empty when there is none. */
  public String browser(String sandboxId) {
    return browser.path(sandboxId);
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return operations;
  }
}
