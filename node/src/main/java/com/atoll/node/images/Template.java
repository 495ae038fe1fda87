package com.atoll.node.images;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code template.json} says. One without {@code from} is made of Debian packages alone.
 *
 * @param description one sentence for people
 * @param suite Debian suite, or "" for the host's own
 * @param from the template that it adds to, or ""
 * @param packages Debian packages
 * @param steps shell lines that are run one after the other: in a sandbox with {@code from}, else
 *     in the image as root when its packages and files are there
 * @param env variables of the steps and of every process
 * @param workdir where steps and the app run
 * @param startCommand the app, or ""
 * @param readyCommand succeeds once the app is ready, or ""
 * @param remove files of the image to leave out, relative to its root
 * @param links symbolic links to add, relative to its root, and what they point to
 * @param previewPort port of a preview that names none
 */
record Template(
    String description,
    String suite,
    String from,
    List<String> packages,
    List<String> steps,
    Map<String, String> env,
    String workdir,
    @JsonProperty("start_command") String startCommand,
    @JsonProperty("ready_command") String readyCommand,
    List<String> remove,
    Map<String, String> links,
    @JsonProperty("preview_port") int previewPort) {
  private static final Pattern PACKAGE = Pattern.compile("[a-z0-9][a-z0-9+.-]{1,100}");
  private static final Pattern ID = Pattern.compile("[a-z0-9-]{1,64}");
  private static final Pattern SUITE = Pattern.compile("[a-z0-9-]{0,40}");
  private static final Pattern PLACE = Pattern.compile("[A-Za-z0-9_+.-]+(/[A-Za-z0-9_+.-]+)*");
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  Template(
      @Nullable String description,
      @Nullable String suite,
      @Nullable String from,
      @Nullable List<String> packages,
      @Nullable List<String> steps,
      @Nullable Map<String, String> env,
      @Nullable String workdir,
      @Nullable String startCommand,
      @Nullable String readyCommand,
      @Nullable List<String> remove,
      @Nullable Map<String, String> links,
      int previewPort) {
    this.description = Objects.requireNonNullElse(description, "");
    this.suite = Objects.requireNonNullElse(suite, "");
    this.from = Objects.requireNonNullElse(from, "");
    this.steps = steps == null ? List.of() : List.copyOf(steps);
    this.env = env == null ? Map.of() : Map.copyOf(env);
    this.workdir = Objects.requireNonNullElse(workdir, "/workspace");
    this.startCommand = Objects.requireNonNullElse(startCommand, "");
    this.readyCommand = Objects.requireNonNullElse(readyCommand, "");
    this.packages = packages == null ? List.of() : List.copyOf(packages);
    this.remove = remove == null ? List.of() : List.copyOf(remove);
    this.links = links == null ? Map.of() : Map.copyOf(links);
    this.previewPort = previewPort == 0 ? 3000 : previewPort;
  }

  /** Reads and checks the template of a folder. */
  static Template read(Path folder) throws IOException {
    try {
      Template template =
          JSON.readValue(Files.readString(folder.resolve("template.json")), Template.class);
      template.check();
      return template;
    } catch (JacksonException e) {
      throw new IOException("template.json: " + e.getOriginalMessage(), e);
    }
  }

  boolean isDerived() {
    return !from.isEmpty();
  }

  /** How it is made in a sandbox, when it is derived. */
  Recipe recipe() {
    int port = startCommand.isEmpty() ? 0 : previewPort;
    List<Action> actions = steps.stream().map(Action::of).toList();
    return new Recipe(
        from, packages, actions, env, workdir, "root", startCommand, readyCommand, port);
  }

  private void check() throws IOException {
    require(from.isEmpty() || ID.matcher(from).matches(), "from");
    require(isDerived() || env.isEmpty(), "env");
    require(!isDerived() || (remove.isEmpty() && links.isEmpty() && suite.isEmpty()), "from");
    require(workdir.startsWith("/") && workdir.indexOf('\0') < 0, "workdir");
    require(SUITE.matcher(suite).matches(), "suite");
    require(packages.stream().allMatch(p -> PACKAGE.matcher(p).matches()), "packages");
    require(remove.stream().allMatch(Template::isPlace), "remove");
    require(links.keySet().stream().allMatch(Template::isPlace), "links");
    require(previewPort > 0 && previewPort < 65_536, "preview_port");
  }

  private static boolean isPlace(String path) {
    return PLACE.matcher(path).matches() && !List.of(path.split("/")).contains("..");
  }

  private static void require(boolean fine, String key) throws IOException {
    if (!fine) {
      throw new IOException("template.json: " + key + " is not valid");
    }
  }
}
