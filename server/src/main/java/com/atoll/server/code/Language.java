package com.atoll.server.code;

import com.atoll.model.AtollException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** A language that cells are written in, and the program that runs them inside a sandbox. */
public enum Language {
  /** Python 3: IPython where the sandbox has it, the plain interpreter elsewhere. */
  PYTHON("python3 -u", "kernel.py"),
  /** JavaScript of Node.js. */
  JAVASCRIPT("node", "kernel.js"),
  /** The shell. */
  BASH("bash", "kernel.sh");

  /** Where the programs lie inside a sandbox: outside of what a publish freezes. */
  private static final String FOLDER = "/opt/atoll/code/";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final String interpreter;
  private final String file;

  Language(String interpreter, String file) {
    this.interpreter = interpreter;
    this.file = file;
  }

  /** The language of a request; absent is Python. */
  public static Language of(@Nullable String name) {
    return name == null || name.isEmpty() ? PYTHON : named(name);
  }

  /** The language that is asked for, if any. */
  static Optional<Language> asked(@Nullable String name) {
    return name == null || name.isEmpty() ? Optional.empty() : Optional.of(named(name));
  }

  private static Language named(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "python", "python3", "py" -> PYTHON;
      case "javascript", "js", "node" -> JAVASCRIPT;
      case "bash", "sh" -> BASH;
      default ->
          throw AtollException.invalid(
              "language",
              "must be one of "
                  + Arrays.stream(values()).map(Language::wire).collect(Collectors.joining(", ")));
    };
  }

  /** Its name in requests and answers. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Where the program lies inside a sandbox. */
  String path() {
    return FOLDER + file;
  }

  /** Starts the program: requests arrive on descriptor 3, so that no cell reads them by mistake. */
  String command() {
    return "exec 3<&0 </dev/null; exec " + interpreter + " " + path();
  }

  /** A cell that sees these variables; the program of Python sets them by itself. */
  String with(Map<String, String> env, String code) {
    if (env.isEmpty() || this == PYTHON) {
      return code;
    }
    // On the line of the first statement: lines keep their numbers.
    StringBuilder text = new StringBuilder();
    env.forEach((name, value) ->
        text.append(
            this == BASH
                ? "export " + name + "='" + value.replace("'", "'\\''") + "'; "
                : "process.env["
                    + JSON.writeValueAsString(name)
                    + "]="
                    + JSON.writeValueAsString(value)
                    + "; "));
    return text.append(code).toString();
  }

  /** The program itself. */
  byte[] program() {
    try (InputStream in = Language.class.getResourceAsStream("/code/" + file)) {
      return Objects.requireNonNull(in).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
