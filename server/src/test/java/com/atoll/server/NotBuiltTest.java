package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.server.docs.OpenApi;
import com.atoll.server.http.NotBuilt;
import com.atoll.server.http.Operation;
import com.atoll.server.testing.Installations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What answers 501 is listed, and the list only ever shrinks. */
class NotBuiltTest {
  private static final Path LIST = Path.of("../api/not-built.txt");

  /** Else a part that is built by now would still be promised for later. */
  @Test
  void nothingIsBuiltOfWhatIsListedAsNotBuilt(@TempDir Path folder) throws Exception {
    NotBuilt parts = new NotBuilt();
    Platform platform = new Platform(Installations.in(folder, folder));
    List<String> built =
        platform.registry().operations().stream()
            .map(Operation::declaration)
            .map(Operation.Declaration::path)
            .filter(path -> parts.holds(List.of(path.substring(1).split("/", -1))))
            .toList();
    assertEquals(List.of(), built);
    assertEquals(parts.paths().stream().distinct().sorted().toList(), parts.paths());
  }

  @Test
  void whatIsNotBuiltIsListedAndNothingIsAdded(@TempDir Path folder) throws Exception {
    Platform platform = new Platform(Installations.in(folder, folder));
    JsonNode document = JsonMapper.shared().valueToTree(OpenApi.of(platform.registry()));
    List<String> declared = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        if (operation.getValue().path("x-not-implemented").asBoolean(false)) {
          String priority = operation.getValue().path("x-priority").asString("");
          declared.add(
              priority
                  + " "
                  + operation.getKey().toUpperCase(java.util.Locale.ROOT)
                  + " "
                  + path.getKey());
        }
      }
    }
    declared.sort(null);
    List<String> listed = new ArrayList<>(Files.readAllLines(LIST));
    if (Boolean.getBoolean("atoll.write")) {
      listed.retainAll(declared);
      Files.write(LIST, listed);
    }
    System.out.println(declared.size() + " operations answer 501:");
    declared.forEach(System.out::println);
    assertEquals(
        String.join("\n", listed),
        String.join("\n", declared),
        "api/not-built.txt only shrinks: with -Datoll.write=true, as for openapi.yaml, lines of what"
            + " is built by now are removed from it");
  }
}
