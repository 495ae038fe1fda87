package com.atoll.server.projecttemplates;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/** The templates of this release: data. */
final class Templates {
  private final List<Template> all;

  private record File(List<Template> templates) {}

  Templates() {
    try (InputStream in =
        Objects.requireNonNull(Templates.class.getResourceAsStream("/project-templates.json"))) {
      all = Json.MAPPER.readValue(in, File.class).templates();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<Template> all() {
    return all;
  }

  Template require(String slug) {
    return all.stream()
        .filter(template -> template.slug().equals(slug))
        .findFirst()
        .orElseThrow(() -> AtollException.of(ErrorCode.NOT_FOUND, "project template " + slug));
  }
}
