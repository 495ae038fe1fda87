package com.atoll.server.sandboxes;

import com.atoll.server.http.Operation;
import java.util.List;

/** Operations of sandboxes that this release only names. */
final class Unbuilt {
  private Unbuilt() {}

  static List<Operation<?, ?>> operations() {
    return List.of(
        post("code/run", "run_code", "Runs one cell in an interpreter that lives on."),
        get("code/contexts", "code_contexts", "Lists the interpreters that live."),
        delete("code", "reset_code", "Ends all interpreters."),
        delete("code/contexts/:context", "reset_code_context", "Ends one interpreter."),
        post("template/start", "start_template", "Installs and starts the app of the template."),
        get("logs", "logs", "Shows the last lines of a sandbox's log."),
        get("logs/stream", "logs_stream", "Streams a sandbox's log."),
        get("metrics", "metrics", "Shows a series of measurements."),
        get("ssh-info", "ssh_info", "Says how to connect by SSH."),
        post("ssh-certificates", "ssh_certificates", "Signs a key for SSH."),
        post("ssh-keys", "ssh_keys", "Authorizes a key for SSH."),
        get("ssh-tunnel", "ssh_tunnel", "Carries SSH."),
        post("agent/prompts", "agent_prompt", "Steers the agent that runs on a sandbox."),
        post("agent/stop", "agent_stop", "Stops the agent that runs on a sandbox."),
        post("browser/cdp-url", "browser_cdp_url", "Grants access to a browser's tools."),
        post("browser-token", "browser_token", "Mints a token for browser code."),
        get("artifacts", "artifacts", "Lists what the app of a sandbox has made."),
        Operation.post("/sandboxes/batch")
            .id("sandboxes.batch")
            .summary("Creates many sandboxes.")
            .priority("P2")
            .notImplemented(),
        Operation.get("/sandboxes/batches/:batch_id")
            .id("sandboxes.batch_get")
            .summary("Shows how far a batch is.")
            .priority("P2")
            .notImplemented(),
        Operation.get("/sandboxes/batches/:batch_id/items")
            .id("sandboxes.batch_items")
            .summary("Lists what a batch has created.")
            .priority("P2")
            .notImplemented(),
        Operation.get("/sandboxes/batches/:batch_id/events")
            .id("sandboxes.batch_events")
            .summary("Streams the progress of a batch.")
            .priority("P2")
            .notImplemented(),
        Operation.post("/sandboxes/batches/:batch_id/cancel")
            .id("sandboxes.batch_cancel")
            .summary("Ends a batch.")
            .priority("P2")
            .notImplemented());
  }

  private static Operation<?, ?> get(String path, String name, String summary) {
    return Operation.get("/sandboxes/:id/" + path)
        .id("sandboxes." + name)
        .summary(summary)
        .priority("P2")
        .notImplemented();
  }

  private static Operation<?, ?> post(String path, String name, String summary) {
    return Operation.post("/sandboxes/:id/" + path)
        .id("sandboxes." + name)
        .summary(summary)
        .priority("P2")
        .notImplemented();
  }

  private static Operation<?, ?> delete(String path, String name, String summary) {
    return Operation.delete("/sandboxes/:id/" + path)
        .id("sandboxes." + name)
        .summary(summary)
        .priority("P2")
        .notImplemented();
  }
}
