package com.atoll.server.health;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.platform.CrashPoints;
import com.atoll.platform.Installation;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Operation;
import com.atoll.server.identity.Operators;
import com.atoll.server.store.Store;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Whether the server lives and is ready, without a credential. */
public final class HealthApi implements Capability {
  private final Store store;
  private final Installation installation;

  /** The health of a server of this installation, on this store. */
  public HealthApi(Installation installation, Store store) {
    this.installation = installation;
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
            .handle(call -> ready()),
        Operation.get("/health")
            .id("health.health")
            .summary("Says that the server answers, as healthz does.")
            .priority("P2")
            .anyone()
            .root()
            .response(HealthView.class, Envelope.FLAT)
            .handle(call -> new HealthView("ok")),
        Operation.get("/metrics")
            .id("health.metrics")
            .summary("Shows figures of the platform as Prometheus reads them, to its owner.")
            .priority("P2")
            .anyScope()
            .rateExempt()
            .root()
            .errors(ErrorCode.FORBIDDEN)
            .raw("text/plain")
            .run(call -> metrics(call)),
        Operation.get("/platform/crash-points")
            .id("health.crash_points")
            .summary(
                "Lists where a test may end the processes; only an installation for tests has any.")
            .priority("P4")
            .anyScope()
            .hidden()
            .response(CrashPointsView.class, Envelope.FLAT)
            .handle(call -> crashPoints(call.principal())));
  }

  private void metrics(Call call) throws IOException {
    new Operators(store).require(call.principal(), "reading metrics");
    byte[] bytes = new Metrics(store).text().getBytes(StandardCharsets.UTF_8);
    try (OutputStream out =
        call.raw(
            "text/plain; version=0.0.4; charset=utf-8", OptionalLong.of(bytes.length), Map.of())) {
      out.write(bytes);
    }
  }

  private CrashPointsView crashPoints(Principal asking) {
    asking.requireManager("the list of crash points");
    if (!installation.crashPoints()) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "crash point in this installation");
    }
    return new CrashPointsView(CrashPoints.announced(installation));
  }

  private HealthView ready() {
    if (!store.ready()) {
      throw AtollException.of(ErrorCode.DATABASE_UNAVAILABLE);
    }
    return new HealthView("ok");
  }
}
