package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Create, find, change and destroy sandboxes. */
final class SandboxesApi {
  private final SandboxService sandboxes;
  private final Lifecycle lifecycle;
  private final Planner planner;
  private final Owners owners;
  private final SandboxViews views;

  SandboxesApi(
      SandboxService sandboxes,
      Lifecycle lifecycle,
      Planner planner,
      Owners owners,
      SandboxViews views) {
    this.sandboxes = sandboxes;
    this.lifecycle = lifecycle;
    this.planner = planner;
    this.owners = owners;
    this.views = views;
  }

  /** What an owner may change. */
  record Patch(
      @com.atoll.server.http.Doc("Name to show.") @Nullable String name) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.post("/sandboxes")
            .id("sandboxes.create")
            .summary("Creates a sandbox and answers when it runs.")
            .priority("P1")
            .scope("sandboxes:create")
            .idempotency(Idempotency.KEY)
            .query("wait", "How long to hold the answer; the answer comes when it runs anyway.")
            .request(CreateSandbox.class)
            .response(SandboxView.class, Envelope.FLAT_MIRROR)
            .status(201)
            .errors(
                ErrorCode.VALIDATION_FAILED,
                ErrorCode.SLUG_TAKEN,
                ErrorCode.TEMPLATE_NOT_FOUND,
                ErrorCode.NO_READY_MACHINE,
                ErrorCode.NO_CAPACITY,
                ErrorCode.NODE_UNAVAILABLE,
                ErrorCode.INVALID_SETUP_FILE,
                ErrorCode.NOT_IMPLEMENTED)
            .onReplay(
                (call, answer) ->
                    sandboxes.replay(call.principal().org(), answer.path("id").asString("")))
            .handle(this::create));
  }
}
