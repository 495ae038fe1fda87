package com.atoll.server.egress;

import com.atoll.model.AtollException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the variables of secrets from their sandboxes soon after the secrets have ended. */
final class SecretEnds implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SecretEnds.class);
  private static final long LOOK_SECONDS = 2;

  private final Secrets secrets;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("secret-ends").factory());

  SecretEnds(Secrets secrets) {
    this.secrets = secrets;
  }

  void start() {
    var _ = clock.scheduleWithFixedDelay(this::look, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
  }

  private void look() {
    try {
      secrets.expire();
    } catch (AtollException away) {
      LOG.debug("Ended secrets wait: {}", away.getMessage());
    } catch (RuntimeException failed) {
      LOG.warn("Ended secrets wait.", failed);
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
