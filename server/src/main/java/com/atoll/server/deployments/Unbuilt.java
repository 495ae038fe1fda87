package com.atoll.server.deployments;

import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import java.util.List;

/** Operations of deployments that this release only names. */
final class Unbuilt {
  private Unbuilt() {}

  static List<Operation<?, ?>> operations() {
    return List.of(
        write("/deployments/:id/database", "attach_database", "Attaches a database.", "P2"),
        write(
            "/deployments/:id/versions/:version_id/migration-backup",
            "migration_backup",
            "Backs up the database before a promote.",
            "P3"));
  }

  private static Operation<?, ?> write(String path, String id, String summary, String priority) {
    return named(Operation.post(path), id, summary)
        .priority(priority)
        .scope(DeploymentsApi.WRITE)
        .notImplemented();
  }

  private static OperationBuilder<?, ?> named(
      OperationBuilder<?, ?> operation, String id, String summary) {
    return operation.id("deployments." + id).summary(summary);
  }
}
