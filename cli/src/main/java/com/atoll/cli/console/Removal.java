package com.atoll.cli.console;

import com.atoll.cli.http.Api;
import com.atoll.cli.http.Json;
import java.util.List;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A command that deletes what is named, one after the other. */
public abstract class Removal extends ApiCommand {
  private final String path;

  @Parameters(paramLabel = "ID", arity = "1..*", description = "Their ids.")
  private List<String> ids = List.of();

  /** Deletes below this path. */
  protected Removal(Session session, String path) {
    super(session);
    this.path = path;
  }

  @Override
  public final Integer call() {
    ArrayNode deleted = Json.array();
    for (String id : ids) {
      api().delete(path + "/" + Api.escape(id));
      deleted.add(id);
    }
    ObjectNode answer = Json.object();
    answer.set("deleted", deleted);
    output().result(answer, "deleted " + String.join(", ", ids));
    return 0;
  }
}
