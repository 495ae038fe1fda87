package com.atoll.cli.templates;

import com.atoll.cli.console.Session;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/** Reads the file of a specification. */
final class Spec {
  private Spec() {}

  /** The specification in a file; {@code -} is the standard input. */
  static JsonNode read(Session session, String file) {
    String text;
    try {
      text =
          file.equals("-")
              ? new String(session.input().readAllBytes(), StandardCharsets.UTF_8)
              : Files.readString(Path.of(file));
    } catch (IOException unreadable) {
      throw new ApiException("UNREADABLE", "cannot read " + file, "name a JSON file");
    }
    JsonNode spec = Json.parse(text);
    if (spec == null || !spec.isObject()) {
      throw new ApiException(
          "NOT_JSON", file + " is not a JSON object", "`atoll templates --help` shows one");
    }
    return spec;
  }
}
