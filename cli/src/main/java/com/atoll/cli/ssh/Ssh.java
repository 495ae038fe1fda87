package com.atoll.cli.ssh;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Api;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Json;
import com.atoll.cli.sandboxes.Names;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code atoll sandbox ssh}: the ssh of this machine with a certificate of some minutes. */
@Command(
    name = "ssh",
    description = {
      "Runs the ssh of this machine into a sandbox: no port is open for it, no key is left behind.",
      "A fresh key is signed for this sandbox and this connection; the host key is checked too."
    },
    footer = {
      "",
      "Examples:",
      "  atoll sandbox ssh demo",
      "  atoll sandbox ssh demo -- tar c /workspace > workspace.tar",
      "  atoll sandbox ssh demo -L 8080:8000          localhost:8080 is its port 8000",
      "  atoll sandbox ssh demo --authorize ~/.ssh/id_ed25519.pub",
      "      lets that key in until the sandbox ends; `atoll ssh-proxy --help` shows how to use it"
    })
public final class Ssh extends ApiCommand {
  @Parameters(index = "0", paramLabel = "SANDBOX", description = "Its id, slug or name.")
  private String id = "";

  @Parameters(
      index = "1..*",
      paramLabel = "COMMAND",
      description = "What to run; a shell when absent.")
  private List<String> command = List.of();

  @Option(
      names = {"-l", "--user"},
      defaultValue = "root",
      description = "User of the sandbox (${DEFAULT-VALUE}).")
  private String user = "";

  @Option(
      names = {"-L", "--forward"},
      paramLabel = "LOCAL:PORT",
      description = "Makes a port of the sandbox one of this machine; may be repeated.")
  private List<String> forwards = List.of();

  @Option(
      names = "--authorize",
      paramLabel = "FILE",
      description = "Authorizes this public key instead of connecting.")
  private @Nullable Path authorize;

  /** Works in this session. */
  public Ssh(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    id = Names.resolve(api(), id);
    Path key = authorize;
    if (key != null) {
      JsonNode added = Json.unwrap(api().post(path("/ssh-keys"), publicKey(key)));
      output().result(added, Json.text(added, "fingerprint") + "  may come in");
      return 0;
    }
    try (Identity identity = Identity.make()) {
      JsonNode info = Json.unwrap(api().get(path("/ssh-info")));
      JsonNode signed =
          Json.unwrap(api().post(path("/ssh-certificates"), publicKey(identity.publicKey())));
      identity.accept(Json.text(signed, "certificate"), info.path("known_hosts"));
      return new OpenSsh(api().target(), identity)
          .run(user + "@" + Json.text(info, "host"), forwards(), command);
    }
  }

  private List<String> forwards() {
    return forwards.stream().map(Ssh::forward).toList();
  }

  /** {@code 8080:8000} and {@code 8000} both lead to the sandbox's own loopback. */
  private static String forward(String wanted) {
    if (!wanted.matches("\\d{1,5}(:\\d{1,5})?")) {
      throw new ApiException(
          "BAD_FORWARD", "not a forward: " + wanted, "say LOCAL:PORT, such as 8080:8000");
    }
    int colon = wanted.indexOf(':');
    String local = colon < 0 ? wanted : wanted.substring(0, colon);
    return "127.0.0.1:" + local + ":127.0.0.1:" + wanted.substring(colon + 1);
  }

  private static ObjectNode publicKey(Path file) {
    try {
      return Json.object().put("public_key", Files.readString(file).strip());
    } catch (IOException unreadable) {
      throw new ApiException(
          "UNREADABLE", "cannot read " + file, "ssh-keygen -t ed25519 makes a key");
    }
  }

  private String path(String rest) {
    return "/sandboxes/" + Api.escape(id) + rest;
  }
}
