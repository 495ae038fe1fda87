package com.atoll.node.images;

import com.atoll.node.images.Images.Derived;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The templates that came with the program.
 *
 * @param plain those of Debian packages alone
 * @param derived those that are made from another one
 * @param problems those that cannot be, and why
 */
record TemplateFolder(
    List<TemplateSource> plain, List<Derived> derived, Map<String, String> problems) {
  private static final int LONGEST_CHAIN = 8;

  static TemplateFolder read(Path folder) throws IOException {
    Map<String, TemplateSource> sources = new TreeMap<>();
    Map<String, String> problems = new LinkedHashMap<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> folders = Files.list(folder)) {
        for (Path template : folders.filter(Files::isDirectory).sorted().toList()) {
          String id = template.getFileName().toString();
          try {
            sources.put(id, TemplateSource.read(template));
          } catch (IOException | RuntimeException e) {
            problems.put(id, String.valueOf(e.getMessage()));
          }
        }
      }
    }
    return sorted(sources, problems);
  }

  private static TemplateFolder sorted(
      Map<String, TemplateSource> sources, Map<String, String> problems) {
    List<TemplateSource> plain = new ArrayList<>();
    List<Derived> derived = new ArrayList<>();
    for (TemplateSource source : sources.values()) {
      if (!source.template().isDerived()) {
        plain.add(source);
        continue;
      }
      Optional<String> digest = digest(source, sources, LONGEST_CHAIN);
      if (digest.isPresent()) {
        Path files = source.folder().resolve("files");
        derived.add(new Derived(source.id(), source.template().recipe(), files, digest.get()));
      } else {
        problems.put(source.id(), "template.json: from leads to no template");
      }
    }
    return new TemplateFolder(plain, derived, problems);
  }

  /** What an image will have as its digest, known before it is built. */
  private static Optional<String> digest(
      TemplateSource source, Map<String, TemplateSource> sources, int left) {
    if (!source.template().isDerived()) {
      return Optional.of(source.digest());
    }
    TemplateSource base = sources.get(source.template().from());
    return base == null || left == 0
        ? Optional.empty()
        : digest(base, sources, left - 1).map(source::digestOn);
  }
}
