package com.atoll.server.sandboxes;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The environment of a sandbox. */
final class SandboxEnvApi {
  private final SandboxService sandboxes;

  SandboxEnvApi(SandboxService sandboxes) {
    this.sandboxes = sandboxes;
  }

  /** A variable to set. */
  record Variable(
      @Doc("Name.") String key,
      @Doc("Value.") String value,
      @Doc("Never show the value again.") @Nullable Boolean encrypted) {}

  /** Variables to set. */
  record SetVariables(@Doc("Variables to set; others stay.") List<Variable> vars) {}

  /** A variable as it is shown. */
  record Shown(
      @Doc("Name.") String key,
      @Doc("Value; absent when it is encrypted.") @Nullable String value,
      @Doc("Whether the value is never shown.") boolean encrypted) {}

  /** All variables. */
  record ShownAll(@Doc("All variables, by name.") List<Shown> data) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/sandboxes/:id/env")
            .id("sandboxes.list_env")
            .summary("Lists the environment of a sandbox.")
            .priority("P2")
            .scope("sandboxes:read")
            .errors(ErrorCode.SANDBOX_NOT_FOUND, ErrorCode.SANDBOX_DESTROYED)
            .response(ShownAll.class, Envelope.FLAT)
            .handle(call -> shown(sandboxes.env(sandbox(call)))),
        Operation.put("/sandboxes/:id/env")
            .id("sandboxes.set_env")
            .summary("Sets variables for commands that start from now on.")
            .priority("P2")
            .scope("sandboxes:write")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.SANDBOX_NOT_FOUND, ErrorCode.SANDBOX_DESTROYED)
            .request(SetVariables.class)
            .response(ShownAll.class, Envelope.FLAT)
            .handle(this::set),
        Operation.delete("/sandboxes/:id/env/:key")
            .id("sandboxes.unset_env")
            .summary("Removes a variable.")
            .priority("P2")
            .scope("sandboxes:write")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.SANDBOX_NOT_FOUND, ErrorCode.SANDBOX_DESTROYED)
            .run(call -> sandboxes.variables().unset(sandbox(call), call.rawPath("key"))));
  }

  private Sandbox sandbox(Call call) {
    return sandboxes.require(call.principal(), call.path("id"));
  }

  private ShownAll set(Call call, SetVariables body) {
    Map<String, String> values = new HashMap<>();
    Set<String> hidden = new HashSet<>();
    for (Variable variable : body.vars()) {
      values.put(variable.key(), variable.value());
      if (Boolean.TRUE.equals(variable.encrypted())) {
        hidden.add(variable.key());
      }
    }
    return shown(sandboxes.variables().set(sandbox(call), Bounds.env(values), hidden));
  }

  private static ShownAll shown(Env env) {
    List<Shown> all = new ArrayList<>();
    env.values()
        .forEach((key, value) -> {
          boolean hidden = env.hidden().contains(key);
          all.add(new Shown(key, hidden ? null : value, hidden));
        });
    return new ShownAll(all);
  }
}
