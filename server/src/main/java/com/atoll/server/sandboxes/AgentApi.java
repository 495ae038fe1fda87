package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Steers the agent run of a sandbox. Nothing in this release starts one, so there never is one. */
final class AgentApi {
  private static final int LONGEST = 1 << 20;

  private final SandboxService sandboxes;

  AgentApi(SandboxService sandboxes) {
    this.sandboxes = sandboxes;
  }

  /** What the agent is told. */
  record Prompt(@Doc("Its next turn, at most 1 MiB.") @Nullable String prompt) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        post("prompts", "agent_prompt", "Gives the agent that runs on a sandbox its next turn.")
            .request(Prompt.class)
            .run(this::prompt),
        post("stop", "agent_stop", "Ends the agent run on a sandbox.").run(this::stop));
  }

  private static OperationBuilder<NoBody, NoBody> post(String path, String name, String summary) {
    return Operation.post("/sandboxes/:id/agent/" + path)
        .id("sandboxes." + name)
        .summary(summary)
        .priority("P2")
        .scope("sandboxes:exec")
        .idempotency(Idempotency.NEVER)
        .errors(ErrorCode.SANDBOX_NOT_FOUND, ErrorCode.SANDBOX_DESTROYED, ErrorCode.NO_AGENT_RUN);
  }

  private void prompt(Call call, Prompt body) {
    Sandbox sandbox = sandbox(call);
    String prompt = body.prompt();
    if (prompt == null || prompt.isBlank() || prompt.length() > LONGEST) {
      throw AtollException.invalid("prompt", "must have 1 to " + LONGEST + " characters");
    }
    throw noRun(sandbox);
  }

  private void stop(Call call) {
    throw noRun(sandbox(call));
  }

  private Sandbox sandbox(Call call) {
    return sandboxes.require(call.principal(), call.path("id"));
  }

  private static AtollException noRun(Sandbox sandbox) {
    return AtollException.of(ErrorCode.NO_AGENT_RUN, sandbox.id());
  }
}
