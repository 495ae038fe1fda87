package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.server.http.Operation;
import com.atoll.server.testing.Installations;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the catalogue of actions says of operations is true of them. */
class CatalogueTest {
  @Test
  void everyOperationThatAnActionNamesExists(@TempDir Path folder) throws Exception {
    Platform platform = new Platform(Installations.in(folder, folder));
    Set<String> known =
        platform.registry().operations().stream()
            .map(Operation::declaration)
            .map(Operation.Declaration::id)
            .collect(Collectors.toSet());
    List<String> unknown;
    try (InputStream in =
            Objects.requireNonNull(Platform.class.getResourceAsStream("/authority/actions.tsv"));
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      unknown =
          lines
              .lines()
              .filter(line -> !line.startsWith("#"))
              .flatMap(line -> Stream.of(line.split("\t", -1)[2].split(";", -1)))
              .map(String::strip)
              .filter(item -> !item.isEmpty() && !item.startsWith("=") && !item.contains(" "))
              .filter(item -> !known.contains(item))
              .toList();
    }
    assertEquals(List.of(), unknown);
  }
}
