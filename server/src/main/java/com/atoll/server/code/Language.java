package com.atoll.server.code;

import com.atoll.model.AtollException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A language that cells are written in, and the program that runs them inside a sandbox. */
enum Language {
  PYTHON("python3 -u", "kernel.py"),
  JAVASCRIPT("node", "kernel.js"),
  BASH("bash", "kernel.sh");

  /** Where the programs lie inside a sandbox: outside of what a publish freezes. */
  private static final String FOLDER = "/opt/atoll/code/";

  private final String interpreter;
  private final String file;

  Language(String interpreter, String file) {
    this.interpreter = interpreter;
    this.file = file;
  }

  /** The language of a request; absent is Python. */
  static Language of(@Nullable String name) {
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

  String wire() {
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

  /** The program itself. */
  byte[] program() {
    try (InputStream in = Language.class.getResourceAsStream("/code/" + file)) {
      return Objects.requireNonNull(in).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
