package com.atoll.server.sandboxes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

final class BatchOrderTest {
  private static final JsonMapper JSON = BatchStore.JSON;

  @Test
  void aStoredRequestIsTheSameAfterARestart() {
    CreateSandbox asked =
        JSON.readValue(
            """
            {"templateId": "miosa-sandbox", "size": "xs", "name": "many", "env": {"A": "b"},
             "entrypoint": ["sleep", "1"], "services": [{"name": "web", "command": "x", "port": 80}]}
            """,
            CreateSandbox.class);
    CreateSandbox read = JSON.readValue(JSON.writeValueAsString(asked), CreateSandbox.class);
    assertEquals(asked, read);
    assertEquals(Map.of("A", "b"), read.env());
    CreateSandbox named = read.named("many-1");
    assertEquals("many-1", named.name());
    assertEquals(read, named.named("many"));
  }
}
