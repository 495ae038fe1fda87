package com.atoll.cli.console;

import com.atoll.cli.http.Api;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
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
    return deleteAll(output(), ids, id -> api().delete(path + "/" + Api.escape(id)));
  }

  /** Deletes each, also behind one that fails; answers the exit code. */
  public static int deleteAll(Output output, List<String> ids, Consumer<String> deletion) {
    List<String> deleted = new ArrayList<>();
    ArrayNode failed = Json.array();
    for (String id : ids) {
      try {
        deletion.accept(id);
        deleted.add(id);
      } catch (ApiException refused) {
        output.refusal(id + ": ", refused);
        failed.addObject().put("id", id).set("error", Output.error(refused));
      }
    }
    ObjectNode answer = Json.object();
    deleted.forEach(answer.putArray("deleted")::add);
    answer.set("failed", failed);
    if (output.json() || !deleted.isEmpty()) {
      output.result(answer, "deleted " + String.join(", ", deleted));
    }
    return failed.isEmpty() ? 0 : 1;
  }
}
