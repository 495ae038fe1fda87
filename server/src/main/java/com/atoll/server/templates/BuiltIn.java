package com.atoll.server.templates;

import com.atoll.server.sandboxes.TemplateApp;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the program says of a template that came with it.
 *
 * @param id of the template
 * @param description one sentence
 * @param workdir where its app runs
 * @param startCommand its app, or null
 * @param readyCommand succeeds once the app is ready, or null
 * @param previewPort where its app listens, or null
 * @param about what a catalogue shows
 */
record BuiltIn(
    String id,
    String description,
    String workdir,
    @Nullable String startCommand,
    @Nullable String readyCommand,
    @Nullable Integer previewPort,
    About about) {
  private static final Logger LOG = LoggerFactory.getLogger(BuiltIn.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * What {@code about.json} says; nothing of it goes into the image.
   *
   * @param name for people
   * @param categories of backend, data, desktop, frontend, general, testing
   * @param runtimes languages
   * @param tools programs
   * @param tags labels
   * @param aliases other ids
   * @param installCommand fetches what the app needs, or null
   * @param artifactPaths what the app makes
   */
  record About(
      @Nullable String name,
      @Nullable List<String> categories,
      @Nullable List<String> runtimes,
      @Nullable List<String> tools,
      @Nullable List<String> tags,
      @Nullable List<String> aliases,
      @JsonProperty("install_command") @Nullable String installCommand,
      @JsonProperty("artifact_paths") @Nullable List<String> artifactPaths) {
    static final About NOTHING = new About(null, null, null, null, null, null, null, null);
  }

  /** All that came with the program, by id. */
  static Map<String, BuiltIn> all(Path folder) {
    Map<String, BuiltIn> all = new TreeMap<>();
    if (!Files.isDirectory(folder)) {
      return all;
    }
    try (Stream<Path> templates = Files.list(folder)) {
      for (Path template : templates.filter(Files::isDirectory).toList()) {
        BuiltIn one = read(template);
        all.put(one.id(), one);
      }
    } catch (IOException | JacksonException e) {
      LOG.warn("The templates in {} are not described.", folder, e);
    }
    return all;
  }

  private static BuiltIn read(Path folder) throws IOException {
    JsonNode json = JSON.readTree(Files.readString(folder.resolve("template.json")));
    Path about = folder.resolve("about.json");
    JsonNode port = json.path("preview_port");
    return new BuiltIn(
        folder.getFileName().toString(),
        json.path("description").asString(""),
        json.path("workdir").asString("/workspace"),
        text(json, "start_command"),
        text(json, "ready_command"),
        port.isInt() ? port.asInt() : null,
        Files.exists(about) ? JSON.readValue(Files.readString(about), About.class) : About.NOTHING);
  }

  private static @Nullable String text(JsonNode json, String field) {
    JsonNode node = json.path(field);
    return node.isString() ? node.asString() : null;
  }

  /** Its app, which runs where everything is as usual. */
  TemplateApp app() {
    return new TemplateApp(
        about.installCommand(),
        startCommand,
        null,
        TemplateApp.USUAL_WORKDIR,
        TemplateApp.USUAL_USER,
        orNone(about.artifactPaths()));
  }

  /** Its name for people. */
  String name() {
    String name = about.name();
    return name == null ? id : name;
  }

  static <T> List<T> orNone(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}
