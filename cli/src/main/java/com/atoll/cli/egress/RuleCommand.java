package com.atoll.cli.egress;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Commands that make a rule; they print its id. */
abstract class RuleCommand extends ApiCommand {
  private final String effect;

  @Parameters(paramLabel = "HOST", description = "example.com, *.example.com or *.")
  private String host = "";

  @Option(names = "--method", description = "Only this method; may be repeated.")
  private List<String> methods = List.of();

  @Option(
      names = "--path",
      paramLabel = "GLOB",
      description = "Only these paths: * for part of a segment, ** for anything.")
  private @Nullable String path;

  @Option(names = "--note", description = "Free text.")
  private @Nullable String note;

  @Mixin private Scope scope = new Scope();

  private RuleCommand(Session session, String effect) {
    super(session);
    this.effect = effect;
  }

  static RuleCommand allow(Session session) {
    return new Allow(session);
  }

  static RuleCommand deny(Session session) {
    return new Deny(session);
  }

  @Override
  public Integer call() {
    ObjectNode body = scope.in(api(), Json.object().put("host", host).put("effect", effect));
    if (!methods.isEmpty()) {
      methods.forEach(body.putArray("methods")::add);
    }
    if (path != null) {
      body.put("path_glob", path);
    }
    if (note != null) {
      body.put("note", note);
    }
    JsonNode rule = Json.unwrap(api().post("/egress/allowlist", body));
    output().result(rule, Json.text(rule, "id"));
    return 0;
  }

  @Command(name = "allow", description = "Lets calls to a host out; prints the id of the rule.")
  private static final class Allow extends RuleCommand {
    private Allow(Session session) {
      super(session, "allow");
    }
  }

  @Command(name = "deny", description = "Refuses calls to a host; prints the id of the rule.")
  private static final class Deny extends RuleCommand {
    private Deny(Session session) {
      super(session, "deny");
    }
  }
}
