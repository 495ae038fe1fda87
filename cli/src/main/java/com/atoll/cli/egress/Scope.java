package com.atoll.cli.egress;

import com.atoll.cli.http.Api;
import com.atoll.cli.sandboxes.Names;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** Options that say what a rule, a mode or a secret is about. */
final class Scope {
  @Option(names = "--sandbox", description = "Only this sandbox: its id, slug or name.")
  private @Nullable String sandbox;

  @Option(names = "--workspace", description = "Only this workspace, by its id.")
  private @Nullable String workspace;

  /** Names the resource in a body. */
  ObjectNode in(Api api, ObjectNode body) {
    if (sandbox != null) {
      body.put("resource_type", "sandbox").put("resource_id", Names.resolve(api, sandbox));
    } else if (workspace != null) {
      body.put("resource_type", "workspace").put("resource_id", workspace);
    }
    return body;
  }

  /** Names the resource in a query. */
  String query(Api api) {
    if (sandbox != null) {
      return "&resource_type=sandbox&resource_id=" + Api.escape(Names.resolve(api, sandbox));
    }
    return workspace == null ? "" : "&resource_type=workspace&resource_id=" + Api.escape(workspace);
  }
}
