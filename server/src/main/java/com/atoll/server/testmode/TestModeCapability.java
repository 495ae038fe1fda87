package com.atoll.server.testmode;

import com.atoll.model.AtollException;
import com.atoll.model.KeyId;
import com.atoll.model.Principal;
import com.atoll.model.Role;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Closing;
import com.atoll.server.http.Operation;
import com.atoll.server.store.Store;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what was made in test mode when its lifetime is over. It keeps nothing: what could not be
 * ended is found again in the next round, and servers of one database may do the same at a time.
 */
public final class TestModeCapability implements Capability {
  private static final Logger LOG = LoggerFactory.getLogger(TestModeCapability.class);
  private static final long INTERVAL_MS = 60_000;

  private final Store store;
  private final Map<Kind, Remover> removers;
  private final Closing closing = new Closing();

  /** Ends what the removers can end. */
  public TestModeCapability(Store store, Map<Kind, Remover> removers) {
    this.store = store;
    this.removers = new EnumMap<>(removers);
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return List.of();
  }

  @Override
  public void start() {
    Thread.ofVirtual()
        .name("test-mode")
        .start(() -> {
          while (!closing.within(INTERVAL_MS)) {
            try {
              round();
            } catch (AtollException away) {
              LOG.debug("Test resources are looked at later: {}", away.getMessage());
            } catch (RuntimeException failed) {
              LOG.warn("A round over test resources failed.", failed);
            }
          }
        });
  }

  /** Ends all that is overdue now and can be ended. */
  public void round() {
    removers.forEach(this::round);
  }

  /** One that cannot be ended keeps none behind it waiting. */
  private void round(Kind kind, Remover remover) {
    Overdue last = Overdue.NONE;
    List<Overdue> batch;
    do {
      Overdue from = last;
      batch = store.system(tx -> from.next(tx, kind));
      for (Overdue each : batch) {
        if (closing.within(0)) {
          return;
        }
        end(each, remover);
        last = each;
      }
    } while (batch.size() == Overdue.BATCH);
  }

  private static void end(Overdue overdue, Remover remover) {
    try {
      remover.remove(owner(overdue), overdue.id());
      LOG.info("{} has ended: it was made in test mode.", overdue.id());
    } catch (AtollException later) {
      LOG.debug("{} is gone or ends later: {}", overdue.id(), later.getMessage());
    } catch (RuntimeException failed) {
      LOG.warn("{}, which was made in test mode, could not be ended.", overdue.id(), failed);
    }
  }

  /** Somebody who sees all of the organization. */
  private static Principal owner(Overdue overdue) {
    return new Principal(overdue.org(), new KeyId("test-mode"), Role.USER, null, 0, null);
  }

  @Override
  public void close() {
    closing.close();
  }
}
