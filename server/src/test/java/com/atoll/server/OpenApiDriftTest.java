package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.server.docs.OpenApi;
import com.atoll.server.docs.Yaml;
import com.atoll.server.testing.Installations;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenApiDriftTest {
  private static final Path COMMITTED = Path.of("../api/openapi.yaml");

  @Test
  void theCommittedDocumentIsTheOneThatTheCodeDeclares(@TempDir Path folder) throws Exception {
    Platform platform = new Platform(Installations.in(folder, folder));
    String declared = Yaml.write(OpenApi.of(platform.registry()));
    if (Boolean.getBoolean("atoll.write")) {
      Files.createDirectories(COMMITTED.toAbsolutePath().getParent());
      Files.writeString(COMMITTED, declared);
    }
    assertEquals(
        declared,
        Files.readString(COMMITTED),
        "api/openapi.yaml differs from the code. Write it anew with:"
            + " ./mvnw -pl server -am test -Dtest=OpenApiDriftTest -Datoll.write=true"
            + " -Dsurefire.failIfNoSpecifiedTests=false");
  }
}
