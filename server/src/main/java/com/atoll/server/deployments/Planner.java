package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.server.http.Json;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Decides what a publish makes: static files where there is an index file, else a process. */
final class Planner {
  static final String HOME = "/workspace";
  private static final List<String> BUILT = List.of("dist", "build", "out", "public");
  private static final List<String> MANIFESTS =
      List.of(
          "package.json",
          "requirements.txt",
          "pyproject.toml",
          "Procfile",
          "main.py",
          "app.py",
          "server.py",
          "server.js",
          "index.js",
          "index.html");
  private static final int MOST_FOLDERS = 50;

  private final Source source;
  private final PublishInput input;

  Planner(Source source, PublishInput input) {
    this.source = source;
    this.input = input;
  }

  Plan plan() {
    String base = absolute(input.outputPath());
    if (source.isFile(base)) {
      int slash = base.lastIndexOf('/');
      return files(slash == 0 ? "/" : base.substring(0, slash), base.substring(slash + 1));
    }
    if (!source.isDirectory(base)) {
      throw AtollException.invalid("output_path", "names no directory of the sandbox: " + base);
    }
    return switch (input.kind()) {
      case "static" ->
          built(base)
              .orElseThrow(() ->
                  AtollException.invalid(
                      "output_path",
                      "has no index file: looked in "
                          + base
                          + " and its dist, build, out, public"));
      case "dynamic" -> process(base);
      default -> wantsProcess() ? process(base) : built(base).orElseGet(() -> process(base));
    };
  }

  static String absolute(@Nullable String path) {
    if (path == null || path.isBlank()) {
      return HOME;
    }
    String whole = path.startsWith("/") ? path : HOME + "/" + path;
    String normal = java.nio.file.Path.of(whole).normalize().toString();
    if (normal.length() > 1024 || normal.indexOf('\0') >= 0) {
      throw AtollException.invalid("output_path", "is too long");
    }
    return normal;
  }

  private boolean wantsProcess() {
    return input.runCommand() != null || input.port() != null;
  }

  /** Static files at or below a directory. */
  private Optional<Plan> built(String base) {
    if (input.outputPath() != null && hasIndex(base)) {
      return Optional.of(files(base, index()));
    }
    String root = root(base);
    for (String name : BUILT) {
      String folder = root + "/" + name;
      if (hasIndex(folder) && !(name.equals("public") && startScript(root))) {
        return Optional.of(files(folder, index()));
      }
    }
    boolean plain = hasIndex(root) && Guess.of(source, root).isEmpty();
    return plain ? Optional.of(files(root, index())) : Optional.empty();
  }

  private boolean hasIndex(String folder) {
    return source.isFile(folder + "/" + index());
  }

  private String index() {
    String entry = input.entrypoint();
    return entry == null || !entry.endsWith(".html") ? "index.html" : relative(entry);
  }

  private static String relative(String entry) {
    String normal = java.nio.file.Path.of(entry).normalize().toString();
    if (normal.startsWith("..") || normal.length() > 512) {
      throw AtollException.invalid("entrypoint", "leads outside the published directory");
    }
    return normal.startsWith("/") ? normal.substring(1) : normal;
  }

  private Plan files(String folder, String entry) {
    return Plan.files(folder, entry);
  }

  private boolean startScript(String root) {
    return scripts(source, root).has("start");
  }

  static JsonNode scripts(Source source, String root) {
    String text = source.read(root + "/package.json");
    try {
      return text == null
          ? Json.MAPPER.createObjectNode()
          : Json.MAPPER.readTree(text).path("scripts");
    } catch (JacksonException malformed) {
      return Json.MAPPER.createObjectNode();
    }
  }

  /** Where the project lies: here, or in the one directory that has one. */
  private String root(String base) {
    if (holdsProject(base)) {
      return base;
    }
    List<String> inside =
        source.directories(base).stream()
            .filter(name -> !name.startsWith(".") && !name.equals("node_modules"))
            .limit(MOST_FOLDERS)
            .map(name -> base + "/" + name)
            .filter(this::holdsProject)
            .toList();
    return inside.size() == 1 ? inside.getFirst() : base;
  }

  private boolean holdsProject(String folder) {
    return MANIFESTS.stream().anyMatch(name -> source.isFile(folder + "/" + name))
        || BUILT.stream().anyMatch(name -> hasIndex(folder + "/" + name));
  }

  private Plan process(String base) {
    List<Source.Listener> listeners = source.listeners();
    Optional<Source.Listener> listener = listener(listeners);
    String given = input.runCommand();
    if (given != null) {
      int port = port(Ports.inCommand(given), listener, Ports.usual(given));
      return Plan.process(root(base), given, port, input.healthPath());
    }
    String entry = input.entrypoint();
    if (entry != null && !entry.endsWith(".html")) {
      String command = Guess.entry(source, root(base), entry);
      return Plan.process(
          root(base),
          command,
          port(Optional.empty(), listener, Ports.usual(command)),
          input.healthPath());
    }
    if (listener.isPresent() && input.outputPath() == null) {
      Optional<String> command = Guess.again(listener.get());
      if (command.isPresent()) {
        int port = port(Optional.empty(), listener, listener.get().port());
        return Plan.process(listener.get().folder(), command.get(), port, input.healthPath());
      }
    }
    Guess guess = Guess.of(source, root(base)).orElseThrow(Planner::unknown);
    int port = port(guess.fixedPort(), listener, guess.usualPort());
    return Plan.process(root(base), guess.command(), port, input.healthPath());
  }

  private static AtollException unknown() {
    return AtollException.invalid(
        "run_command",
        "is needed: there is no index file, nothing listens in the sandbox, and no Procfile,"
            + " package.json or Python program says how it is started");
  }

  private Optional<Source.Listener> listener(List<Source.Listener> listeners) {
    Integer wanted = input.port();
    return listeners.stream()
        .filter(l -> wanted == null || l.port() == wanted)
        .min(
            java.util.Comparator.comparing((Source.Listener l) -> !l.folder().startsWith(HOME))
                .thenComparingInt(Source.Listener::port));
  }

  private int port(Optional<Integer> named, Optional<Source.Listener> listener, int otherwise) {
    Integer given = input.port();
    if (given != null) {
      return given;
    }
    return named.or(() -> listener.map(Source.Listener::port)).orElse(otherwise);
  }
}
