package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.server.http.Operation;
import com.atoll.server.testing.Installations;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the catalogue of actions says of operations is true of them. */
class CatalogueTest {
  private static final Pattern FILES = Pattern.compile("sandboxes\\.(files|fs|exports)\\..*");

  @Test
  void everyOperationThatAnActionNamesExists(@TempDir Path folder) throws Exception {
    Platform platform = new Platform(Installations.in(folder, folder));
    Set<String> known =
        platform.registry().operations().stream()
            .map(Operation::declaration)
            .map(Operation.Declaration::id)
            .collect(Collectors.toSet());
    assertEquals(List.of(), named().filter(item -> !known.contains(item)).toList());
  }

  /** Else who may not read or write files does it by another way. */
  @Test
  void whateverReachesFilesOfASandboxIsOneOfTheNamedActions(@TempDir Path folder) throws Exception {
    Platform platform = new Platform(Installations.in(folder, folder));
    Set<String> named = named().collect(Collectors.toSet());
    List<String> nameless =
        platform.registry().operations().stream()
            .map(Operation::declaration)
            .map(Operation.Declaration::id)
            .filter(id -> FILES.matcher(id).matches() && !named.contains(id))
            .toList();
    assertEquals(List.of(), nameless);
  }

  /** The operations that actions name by their ids. */
  private static Stream<String> named() throws IOException {
    try (InputStream in =
            Objects.requireNonNull(Platform.class.getResourceAsStream("/authority/actions.tsv"));
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return lines.lines().toList().stream()
          .filter(line -> !line.startsWith("#"))
          .flatMap(line -> Stream.of(line.split("\t", -1)[2].split(";", -1)))
          .map(item -> item.strip().replaceFirst("^[+]", ""))
          .filter(item -> !item.isEmpty() && !item.startsWith("=") && !item.contains(" "));
    }
  }
}
