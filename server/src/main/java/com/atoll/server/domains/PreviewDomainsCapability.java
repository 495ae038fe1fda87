package com.atoll.server.domains;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.platform.Installation;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Closing;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.routes.PreviewHosts;
import com.atoll.server.routes.Routes;
import com.atoll.server.store.Store;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The preview domain of an organization over HTTP, and what other processes changed of it. */
public final class PreviewDomainsCapability implements Capability {
  private static final Logger LOG = LoggerFactory.getLogger(PreviewDomainsCapability.class);
  private static final String PATH = "/tenant/preview-domain";
  private static final long RETRY_MS = 50;
  private static final long LOOK_MS = 5_000;

  private final PreviewDomains domains;
  private final Closing closing = new Closing();

  /** The domains of a store's organizations, which gateways go by. */
  public PreviewDomainsCapability(
      Installation installation, Store store, PreviewHosts hosts, Routes routes) {
    domains = new PreviewDomains(installation, store, hosts, routes);
  }

  @Override
  public void start() {
    Thread.ofVirtual().name("preview-domains").start(this::work);
  }

  /** No gateway hears of any route before the first look has succeeded. */
  private void work() {
    boolean loaded = false;
    while (!closing.within(loaded ? LOOK_MS : RETRY_MS)) {
      loaded |= load();
    }
  }

  private boolean load() {
    try {
      domains.load();
      return true;
    } catch (AtollException away) {
      LOG.debug("Preview domains are read later: {}", away.getMessage());
    } catch (RuntimeException failed) {
      LOG.warn("Preview domains were not read.", failed);
    }
    return false;
  }

  @Override
  public void close() {
    closing.close();
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return List.of(
        declare(Operation.get(PATH), "get", "Reads the domain that previews are below.")
            .scope("organization:read")
            .ofWholeOrganization()
            .response(PreviewDomainViews.View.class, Envelope.FLAT_MIRROR)
            .handle(domains::get),
        write(Operation.put(PATH), "set", "Sets the domain; previews use it once it is verified.")
            .request(PreviewDomainViews.Wanted.class)
            .response(PreviewDomainViews.View.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.DOMAIN_TAKEN)
            .handle(domains::set),
        write(Operation.delete(PATH), "clear", "Gives the domain up; its names lead nowhere.")
            .run(domains::clear),
        write(
                Operation.post(PATH + "/verify"),
                "verify",
                "Asks the DNS of the domain whose it is and where it leads.")
            .response(PreviewDomainViews.Verified.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.DOMAIN_TAKEN, ErrorCode.CONFLICT)
            .handle(domains::verify));
  }

  private static OperationBuilder<NoBody, NoBody> write(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return declare(operation, name, summary)
        .scope("organization:write")
        .ofWholeOrganization()
        .errors(ErrorCode.FORBIDDEN)
        .idempotency(Idempotency.NATURAL);
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation.id("organizations.preview_domain." + name).summary(summary).priority("P3");
  }
}
