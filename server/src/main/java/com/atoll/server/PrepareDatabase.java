package com.atoll.server;

import com.atoll.server.postgres.PostgresCluster;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/**
 * Prepares the embedded PostgreSQL; run as its user before it is started. {@code --print-command}
 * also prints the command that runs it, a JSON list.
 */
public final class PrepareDatabase {
  private PrepareDatabase() {}

  /** Prepares what is not there yet. */
  public static void main(String[] arguments) {
    Arguments given = Arguments.of(arguments);
    PostgresCluster cluster = new PostgresCluster(given.installation(), List.of());
    cluster.prepare();
    if (given.rest().contains("--print-command")) {
      System.out.println(JsonMapper.shared().writeValueAsString(cluster.command()));
    }
  }
}
