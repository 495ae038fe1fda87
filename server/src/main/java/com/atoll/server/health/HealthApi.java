package com.atoll.server.health;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Operation;
import com.atoll.server.store.Store;
import java.util.List;

/** Whether the server lives and is ready, without a credential. */
public final class HealthApi implements Capability {
  private final Store store;

  /** The health of a server on this store. */
  public HealthApi(Store store) {
    this.store = store;
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/healthz")
            .id("health.live")
            .summary("Says that the server answers.")
            .priority("P1")
            .anyone()
            .root()
            .response(HealthView.class, Envelope.FLAT)
            .handle(call -> new HealthView("ok")),
        Operation.get("/readyz")
            .id("health.ready")
            .summary("Says whether the server and its database are ready.")
            .priority("P1")
            .anyone()
            .root()
            .errors(ErrorCode.DATABASE_UNAVAILABLE)
            .response(HealthView.class, Envelope.FLAT)
            .handle(call -> ready()));
  }

  private HealthView ready() {
    if (!store.ready()) {
      throw AtollException.of(ErrorCode.DATABASE_UNAVAILABLE);
    }
    return new HealthView("ok");
  }
}
