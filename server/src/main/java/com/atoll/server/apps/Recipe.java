package com.atoll.server.apps;

import com.atoll.server.sandboxes.TemplateApp;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How an app is installed and started, read off the files of its directory.
 *
 * @param install null when there is nothing to install
 * @param start null when the files do not say
 */
record Recipe(@Nullable String install, @Nullable String start) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * What the files say.
   *
   * @param names names in the directory of the app
   * @param packageJson its package.json, when it has one
   */
  static Recipe of(Set<String> names, Optional<String> packageJson) {
    if (packageJson.isPresent()) {
      return node(names, packageJson.get());
    }
    String install =
        names.contains("requirements.txt") ? "python3 -m pip install -r requirements.txt" : null;
    for (String program : new String[] {"main.py", "app.py", "server.py"}) {
      if (names.contains(program)) {
        return new Recipe(install, "python3 " + program);
      }
    }
    for (String program : new String[] {"server.js", "index.js", "app.js"}) {
      if (names.contains(program)) {
        return new Recipe(null, "node " + program);
      }
    }
    boolean page = names.contains("index.html");
    return new Recipe(install, page ? "python3 -m http.server \"$PORT\"" : null);
  }

  /**
   * The same for the app of a template, as far as that says how.
   *
   * @param whole whether all of it is of the template, where the template has it; else what it
   *     installs is another app's
   */
  Recipe of(TemplateApp app, boolean whole) {
    return new Recipe(
        whole && app.install() != null ? app.install() : install,
        app.start() == null ? start : app.start());
  }

  private static Recipe node(Set<String> names, String packageJson) {
    String manager =
        names.contains("pnpm-lock.yaml") ? "pnpm" : names.contains("yarn.lock") ? "yarn" : "npm";
    JsonNode scripts;
    try {
      scripts = JSON.readTree(packageJson).path("scripts");
    } catch (JacksonException nonsense) {
      return new Recipe(null, null);
    }
    String script = scripts.has("dev") ? "dev" : scripts.has("start") ? "start" : null;
    String program = names.contains("server.js") ? "node server.js" : null;
    return new Recipe(manager + " install", script == null ? program : manager + " run " + script);
  }
}
