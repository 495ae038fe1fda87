package com.atoll.cli.deployments;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Api;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Json;
import com.atoll.cli.sandboxes.Names;
import com.atoll.cli.sandboxes.Upload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code atoll deploy}: from a folder or a sandbox to a public URL. */
@Command(
    name = "deploy",
    description = {
      "Publishes a folder of this machine, or a sandbox, and prints its URL.",
      "A deployment of the same name gets a new version; its address stays."
    },
    footer = {
      "",
      "Examples:",
      "  atoll deploy ./site",
      "  atoll deploy . --name shop --build-command 'npm ci && npm run build'",
      "  atoll deploy ./api --run-command 'python3 app.py' --port 8000",
      "  atoll deploy --sandbox demo --output-path /workspace/dist"
    })
public final class Deploy extends ApiCommand {
  private static final List<String> NEVER_UPLOADED =
      List.of(".git", "node_modules", ".venv", "__pycache__");

  @Parameters(arity = "0..1", paramLabel = "DIR", description = "The folder to upload.")
  private @Nullable Path folder;

  @Option(names = "--sandbox", paramLabel = "ID", description = "Publish this sandbox instead.")
  private @Nullable String sandbox;

  @Option(names = "--name", description = "Name of the deployment; the folder's when absent.")
  private @Nullable String name;

  @Option(names = "--output-path", description = "Folder of static files, such as /workspace/dist.")
  private @Nullable String outputPath;

  @Option(names = "--build-command", description = "Run in the sandbox before publishing.")
  private @Nullable String buildCommand;

  @Option(names = "--run-command", description = "Starts the app; it listens on $PORT.")
  private @Nullable String runCommand;

  @Option(names = "--port", description = "The port it listens on.")
  private @Nullable Integer port;

  @Option(names = "--health-path", description = "Path that answers 2xx or 3xx once it is ready.")
  private @Nullable String healthPath;

  @Option(names = "--template", description = "Template of the sandbox that builds it.")
  private @Nullable String template;

  @Option(names = "--exclude", paramLabel = "NAME", description = "Names that are not uploaded.")
  private List<String> exclude = List.of();

  @Option(names = "--keep", description = "Keeps the sandbox that built it.")
  private boolean keep;

  /** Works in this session. */
  public Deploy(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    if (folder != null && sandbox != null) {
      throw new CommandLine.ParameterException(
          new CommandLine(this), "give a folder or --sandbox, not both");
    }
    JsonNode result = sandbox != null ? publish(Names.resolve(api(), sandbox), name) : fromFolder();
    output().result(result, Json.text(result, "public_url"));
    return 0;
  }

  private JsonNode fromFolder() {
    Path root = (folder == null ? Path.of(".") : folder).toAbsolutePath().normalize();
    if (!Files.isDirectory(root)) {
      throw new ApiException("NO_SUCH_FOLDER", "no such folder: " + root, "atoll deploy ./site");
    }
    String title = name == null ? nameOf(root) : name;
    if (buildCommand == null && Files.exists(root.resolve("package.json"))) {
      buildCommand = "npm install --no-audit --no-fund && npm run build --if-present";
      output().note("building with: " + buildCommand);
    }
    String builder = create();
    try {
      try (var _ = output().step("uploading " + root.getFileName())) {
        List<String> without = new ArrayList<>(NEVER_UPLOADED);
        without.addAll(exclude);
        new Upload(api(), builder)
            .copy(root, "/workspace", without)
            .skipped()
            .forEach(file -> output().note("not uploaded: " + file));
      }
      return publish(builder, title);
    } finally {
      if (keep) {
        output().note("kept sandbox " + builder);
      } else {
        api().delete("/sandboxes/" + Api.escape(builder));
      }
    }
  }

  private String create() {
    ObjectNode body = Json.object();
    if (template != null) {
      body.put("template_id", template);
    }
    body.putObject("metadata").put("created_by", "atoll deploy");
    try (var _ = output().step("creating a sandbox")) {
      return Json.text(Json.unwrap(api().post("/sandboxes", body)), "id");
    }
  }

  private JsonNode publish(String source, @Nullable String title) {
    ObjectNode body = Json.object();
    if (title != null) {
      String existing = existing(title);
      body.put(existing == null ? "name" : "deployment_id", existing == null ? title : existing);
    }
    put(body, "output_path", outputPath);
    put(body, "build_command", buildCommand);
    put(body, "run_command", runCommand);
    put(body, "health_check_path", healthPath);
    if (port != null) {
      body.put("port", port);
    }
    try (var _ = output().step("publishing")) {
      String path = "/sandboxes/" + Api.escape(source) + "/deploy";
      return new Publication(api()).await(Json.unwrap(api().post(path, body)));
    }
  }

  private @Nullable String existing(String title) {
    for (JsonNode row : Json.rows(api().get("/deployments?limit=100"))) {
      if (title.equals(Json.text(row, "name")) || title.equals(Json.text(row, "id"))) {
        return Json.text(row, "id");
      }
    }
    return null;
  }

  private static void put(ObjectNode body, String field, @Nullable String value) {
    if (value != null) {
      body.put(field, value);
    }
  }

  private static String nameOf(Path root) {
    try {
      String text = String.valueOf(root.toRealPath().getFileName()).toLowerCase(Locale.ROOT);
      String slug = text.replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
      return slug.isEmpty() ? "app" : slug;
    } catch (IOException unreadable) {
      return "app";
    }
  }
}
