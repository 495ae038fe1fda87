package com.atoll.cli;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.ApiException;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "api",
    description =
        "Calls any operation and prints its answer as it came; exit code 1 from status 400.",
    footer = {
      "",
      "Examples:",
      "  atoll api GET /sandboxes",
      "  atoll api POST /sandboxes -d '{\"name\":\"demo\"}'",
      "  atoll api POST /deployments -d @deployment.json"
    })
final class Call extends ApiCommand {
  @Parameters(index = "0", paramLabel = "METHOD", description = "GET, POST, PUT, PATCH or DELETE.")
  private String method = "";

  @Parameters(index = "1", paramLabel = "PATH", description = "Below /api/v1, with its query.")
  private String path = "";

  @Option(
      names = {"-d", "--data"},
      paramLabel = "JSON",
      description = "The body; @FILE reads a file, - reads stdin.")
  private @Nullable String data;

  Call(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    String below = path.startsWith("/api/v1/") ? path.substring("/api/v1".length()) : path;
    HttpResponse<String> answer =
        api()
            .raw(
                method.toUpperCase(Locale.ROOT),
                below.startsWith("/") ? below : "/" + below,
                body());
    String text = answer.body();
    output().out().print(text);
    if (!text.isEmpty() && !text.endsWith("\n")) {
      output().out().println();
    }
    output().out().flush();
    if (answer.statusCode() >= 400) {
      output().err().println("atoll: HTTP " + answer.statusCode());
      return 1;
    }
    return 0;
  }

  private @Nullable String body() {
    if (data == null) {
      return null;
    }
    try {
      if (data.equals("-")) {
        return new String(session().input().readAllBytes(), StandardCharsets.UTF_8);
      }
      return data.startsWith("@") ? Files.readString(Path.of(data.substring(1))) : data;
    } catch (IOException unreadable) {
      throw new ApiException("UNREADABLE", "cannot read " + data.substring(1), null);
    }
  }
}
