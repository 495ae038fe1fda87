package com.atoll.server.drains;

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
import com.atoll.server.machines.NodeClient;
import com.atoll.server.outbound.Outbound;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Store;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log drains of projects' environments. */
public final class DrainsCapability implements Capability {
  private static final Logger LOG = LoggerFactory.getLogger(DrainsCapability.class);
  private static final String ALL = "/projects/:id/environments/:environment_id/log-drains";
  private static final String ONE = ALL + "/:drain_id";
  private static final String READ = "projects:read";
  private static final String WRITE = "projects:write";
  private static final long LOOK_MS = 1_000;
  private static final long IDLE_ROUNDS = 3;

  private final Store store;
  private final DrainService service;
  private final Collector collector;
  private final Shipper shipper;
  private final boolean alone;
  private final Closing closing = new Closing();
  private volatile boolean changed = true;
  private boolean released;

  /** Drains of the logs of these sandboxes and of the deployments on this node. */
  public DrainsCapability(
      Installation installation,
      Store store,
      Vault vault,
      Outbound outbound,
      Sandboxes sandboxes,
      NodeClient node) {
    this.store = store;
    alone = installation.databaseUrl() == null;
    Keys keys = new Keys(vault);
    service = new DrainService(store, keys, outbound, () -> changed = true);
    collector = new Collector(store, sandboxes, node);
    shipper = new Shipper(store, keys, outbound);
    sandboxes.beforeEnd(collector::last);
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return List.of(
        declare(Operation.get(ALL), "list", "Lists the log drains of an environment.", READ)
            .list(Views.DrainView.class)
            .errors(ErrorCode.NOT_FOUND)
            .handle(service::list),
        declare(
                Operation.post(ALL),
                "create",
                "Sends the logs of an environment to a server of yours from now on.",
                WRITE)
            .idempotency(Idempotency.KEY)
            .request(Views.NewDrain.class)
            .response(Views.DrainView.class, Envelope.DATA)
            .status(201)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.NAME_TAKEN, ErrorCode.QUOTA_EXCEEDED)
            .handle(service::create),
        declare(Operation.patch(ONE), "update", "Changes, pauses or resumes a drain.", WRITE)
            .idempotency(Idempotency.NATURAL)
            .request(Views.DrainChange.class)
            .response(Views.DrainView.class, Envelope.DATA)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.NAME_TAKEN)
            .handle(service::update),
        declare(Operation.delete(ONE), "delete", "Removes a drain and what waits in it.", WRITE)
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.NOT_FOUND)
            .run(service::delete),
        declare(
                Operation.post(ONE + "/test"),
                "test",
                "Sends one line now and says whether the receiver took it.",
                WRITE)
            .idempotency(Idempotency.NEVER)
            .outside()
            .response(Views.TestView.class, Envelope.DATA)
            .errors(ErrorCode.NOT_FOUND)
            .handle(service::test));
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> builder, String name, String summary, String scope) {
    return builder.id("projects.log_drains." + name).summary(summary).priority("P2").scope(scope);
  }

  @Override
  public void start() {
    Thread.ofVirtual().name("log-drains").start(this::work);
  }

  private void work() {
    long idle = 0;
    while (!closing.within(LOOK_MS)) {
      if (!changed && idle > 0 && idle < IDLE_ROUNDS) {
        idle++;
        continue;
      }
      changed = false;
      idle = look() ? 0 : 1;
    }
  }

  /** What a process of this installation had claimed when it ended is free, once. */
  private void release() {
    if (alone && !released) {
      store.executeSystem(DrainTable::release);
      released = true;
    }
  }

  /** Whether there is any drain. */
  private boolean look() {
    try {
      release();
      boolean any = collector.round();
      if (any) {
        shipper.look();
      }
      return any;
    } catch (AtollException away) {
      LOG.debug("Log drains wait for the database.", away);
    } catch (RuntimeException e) {
      LOG.warn("Log drains could not be read.", e);
    }
    return false;
  }

  /** Deletes what is no longer needed. */
  public void sweep() {
    store.executeSystem(DrainTable::sweep);
  }

  @Override
  public void close() {
    closing.close();
  }
}
