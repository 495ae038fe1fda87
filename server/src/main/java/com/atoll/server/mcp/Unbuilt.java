package com.atoll.server.mcp;

import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import java.util.List;

/** Tool servers of workspaces, which this release does not keep. */
final class Unbuilt {
  private Unbuilt() {}

  static List<Operation<?, ?>> operations() {
    return List.of(
        later(Operation.get("/mcp-servers"), "servers.list", "Lists tool servers."),
        later(Operation.post("/mcp-servers"), "servers.create", "Registers a tool server."),
        later(Operation.get("/mcp-servers/:id"), "servers.get", "Shows a tool server."),
        later(Operation.patch("/mcp-servers/:id"), "servers.update", "Changes a tool server."),
        later(Operation.delete("/mcp-servers/:id"), "servers.delete", "Removes a tool server."),
        later(Operation.post("/mcp-servers/:id/test"), "servers.test", "Tries a tool server."),
        later(Operation.get("/mcp-catalog"), "catalog.list", "Lists ready-made tool servers."),
        later(
            Operation.post("/mcp-catalog/:slug/test"),
            "catalog.test",
            "Tries a ready-made server."),
        later(
            Operation.post("/mcp-catalog/:slug/install"),
            "catalog.install",
            "Installs a ready-made tool server."));
  }

  private static Operation<?, ?> later(
      OperationBuilder<NoBody, NoBody> declared, String id, String summary) {
    return declared.id("mcp." + id).summary(summary).priority("P3").notImplemented();
  }
}
