package com.atoll.server.sandboxes;

import com.atoll.server.http.Operation;
import java.util.List;

/** Operations of sandboxes that this release only names. */
final class Unbuilt {
  private Unbuilt() {}

  static List<Operation<?, ?>> operations() {
    return List.of(
        post("agent/prompts", "agent_prompt", "Steers the agent that runs on a sandbox."),
        post("agent/stop", "agent_stop", "Stops the agent that runs on a sandbox."));
  }

  private static Operation<?, ?> post(String path, String name, String summary) {
    return Operation.post("/sandboxes/:id/" + path)
        .id("sandboxes." + name)
        .summary(summary)
        .priority("P2")
        .notImplemented();
  }
}
