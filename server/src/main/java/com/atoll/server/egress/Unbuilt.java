package com.atoll.server.egress;

import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import java.util.List;

/** What is part of the API and not of this release. */
final class Unbuilt {
  private Unbuilt() {}

  static List<Operation<?, ?>> operations() {
    return List.of(
        later(
            Operation.get("/sandboxes/:id/network-policy"),
            "network_policy.get",
            "Shows the network policy of a sandbox."),
        later(
            Operation.put("/sandboxes/:id/network-policy"),
            "network_policy.set",
            "Sets the network policy of a sandbox."),
        later(
            Operation.delete("/sandboxes/:id/network-policy"),
            "network_policy.delete",
            "Removes the network policy of a sandbox."));
  }

  private static Operation<?, ?> later(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation.id("egress." + name).summary(summary).priority("P3").notImplemented();
  }
}
