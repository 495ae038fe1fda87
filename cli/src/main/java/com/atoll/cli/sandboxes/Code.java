package com.atoll.cli.sandboxes;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "code",
    description = {
      "Runs a cell in an interpreter that lives on: the next cell sees its variables.",
      "The value of the last expression is printed; exit code 1 when the cell failed."
    },
    footer = {
      "",
      "Examples:",
      "  atoll sandbox code demo 'x = 6; x * 7'",
      "  atoll sandbox code demo -l javascript '[1, 2].map(n => n * 2)'",
      "  atoll sandbox code demo - < analysis.py"
    })
final class Code extends ApiCommand {
  @Parameters(index = "0", paramLabel = "SANDBOX", description = "Its id, slug or name.")
  private String id = "";

  @Parameters(index = "1", paramLabel = "CODE", description = "Program text; - is stdin.")
  private String code = "";

  @Option(
      names = {"-l", "--language"},
      description = "python (default), javascript or bash.")
  private @Nullable String language;

  @Option(
      names = {"-c", "--context"},
      description = "Interpreter whose variables it sees; each name is one of its own.")
  private @Nullable String context;

  @Option(
      names = {"-t", "--timeout"},
      paramLabel = "SECONDS",
      description = "Interrupts it after so long; 50 when absent.")
  private @Nullable Integer timeout;

  Code(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    ObjectNode body = Json.object().put("code", code.equals("-") ? typed() : code);
    if (language != null) {
      body.put("language", language);
    }
    if (context != null) {
      body.put("context", context);
    }
    if (timeout != null) {
      body.put("timeout", timeout);
    }
    String path = Sandboxes.path(Names.resolve(api(), id), "/code/run");
    JsonNode cell = Json.unwrap(api().postOnce(path, body));
    if (output().json()) {
      output().result(cell, "");
    } else {
      show(cell);
    }
    return cell.path("ok").asBoolean(false) ? 0 : 1;
  }

  private void show(JsonNode cell) {
    String written = Json.text(cell, "stderr");
    output().err().print(written);
    output().out().print(Json.text(cell, "stdout"));
    JsonNode error = cell.path("error");
    if (error.isObject()) {
      String trace = Json.text(error, "traceback").stripTrailing();
      // A server has it in what the cell wrote, an older one beside that.
      if (!written.contains(trace)) {
        output().err().println(trace);
      }
    } else if (cell.path("text").isString()) {
      output().out().println(Json.text(cell, "text"));
    }
    output().err().flush();
    output().out().flush();
  }

  private String typed() {
    try {
      return new String(session().input().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new ApiException("UNREADABLE", "cannot read the code from stdin", null);
    }
  }
}
