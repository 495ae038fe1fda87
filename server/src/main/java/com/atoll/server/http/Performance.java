package com.atoll.server.http;

import com.atoll.model.AtollException;
import com.atoll.model.Principal;
import com.atoll.server.http.Operation.Declaration;
import com.atoll.server.store.Deed;
import com.atoll.server.store.Recorder;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Runs an operation: past the gate, and never without its record in the audit log. */
final class Performance {
  private static final int LONGEST = 200;

  private final Gate gate;
  private final Recorder recorder;

  Performance(Gate gate, Recorder recorder) {
    this.gate = gate;
    this.recorder = recorder;
  }

  <Q, R> @Nullable R run(Exchange exchange, Call call, Operation<Q, R> operation, Q body)
      throws Exception {
    Declaration d = operation.declaration();
    if (d.access() == Operation.Access.ANYONE) {
      return operation.run(call, body);
    }
    AtomicReference<Recorder.@Nullable Receipt> receipt = new AtomicReference<>();
    Deed deed = deed(exchange, call, d, receipt);
    Gate.Pass pass = deed.beforehand().during(() -> gate.enter(call, d, operation.besides(body)));
    try {
      @Nullable R view = deed.during(() -> operation.run(call, body));
      Recorder.Receipt early = receipt.get();
      if (early != null) {
        early.await();
      }
      if (deed.isMissing()) {
        recorder.keep(deed).await();
      }
      return view;
    } catch (AtollException refused) {
      pass.giveBack();
      throw refused;
    }
  }

  private Deed deed(
      Exchange exchange,
      Call call,
      Declaration d,
      AtomicReference<Recorder.@Nullable Receipt> receipt) {
    boolean changes = d.implemented() && !d.readOnly() && d.acts();
    return new Deed(
        call.principal().org(),
        actor(call.principal()),
        new Deed.Origin(
            shortened(exchange.header("X-Forwarded-For")),
            shortened(exchange.header("User-Agent")),
            exchange.requestId().value()),
        gate.action(d),
        Deed.Subject.of(singular(d.area()), target(call, d)),
        changes,
        d.outside() ? deed -> receipt.set(recorder.keep(deed)) : null);
  }

  private static Deed.Actor actor(Principal principal) {
    return principal.delegation() == null
        ? new Deed.Actor("api_key", principal.actor(), List.of())
        : new Deed.Actor("token", principal.actor(), principal.delegation().chain());
  }

  private static String singular(String area) {
    return area.endsWith("s") ? area.substring(0, area.length() - 1) : area;
  }

  private static @Nullable String target(Call call, Declaration d) {
    int at = d.path().indexOf(':');
    if (at < 0) {
      return null;
    }
    String name = d.path().substring(at + 1).split("/", 2)[0];
    return shortened(call.rawPath(name));
  }

  private static @Nullable String shortened(@Nullable String text) {
    if (text == null || text.indexOf('\0') >= 0) {
      return null;
    }
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST);
  }
}
