package com.atoll.server.e2b;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.SandboxId;
import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class NamesTest {
  @Test
  void anIdGoesOutWithoutItsPrefixAndComesBackWithIt() {
    String id = SandboxId.next().value();
    assertEquals(id, Names.sandbox(Names.shown(id)));
    assertEquals(id, Names.sandbox(id));
    assertEquals("brave-otter-k3j2h4g5", Names.sandbox("brave-otter-k3j2h4g5"));
    for (String wrong : new String[] {"", "../x", "a/b", "a b", "x".repeat(200)}) {
      AtollException refused = assertThrows(AtollException.class, () -> Names.sandbox(wrong));
      assertEquals(ErrorCode.SANDBOX_NOT_FOUND, refused.code());
    }
  }

  @Test
  void templatesOfTheSdksAreOurs() {
    assertEquals("miosa-sandbox", Names.template("base"));
    assertEquals("miosa-sandbox", Names.template("base:default"));
    assertEquals("jupyter", Names.template("code-interpreter-v1"));
    assertEquals("vite-react", Names.template("vite-react"));
    assertThrows(AtollException.class, () -> Names.template("../etc"));
    assertThrows(AtollException.class, () -> Names.template(""));
  }

  @Test
  void aTagBehindANameDoesNotCount() {
    assertEquals("mine", Names.untagged("mine:default"));
    assertEquals("mine", Names.untagged("mine"));
    assertEquals("snap_1", Names.untagged("snap_1:v2"));
  }

  @Test
  void relativePathsBeginAtTheHomeOfTheUser() {
    assertEquals("/home/user/a/b", Home.user((String) null).path("a/b").value());
    assertEquals("/home/user", Home.user("user").path("~").value());
    assertEquals("/root/x", Home.user("root").path("~/x").value());
    assertEquals("/home/ann/x", Home.user("ann").path("x").value());
    assertEquals("/etc/x", Home.user("ann").path("/etc/./y/../x").value());
    assertThrows(AtollException.class, () -> Home.user("ann").path("/../x"));
    assertThrows(AtollException.class, () -> Home.user("a b"));
  }

  @Test
  void fieldsAreReadInBothForms() {
    JsonNode message =
        Connect.parse(
            "{\"watcher_id\":\"w\",\"data\":\"_-8=\",\"n\":\"7\"}"
                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertEquals("w", Fields.text(message, "watcherId"));
    assertEquals(ByteString.copyFrom(new byte[] {-1, -17}), Fields.bytes(message, "data"));
    assertEquals(7, Fields.number(message, "n"));
    assertEquals(0, Fields.number(message, "missing"));
    assertThrows(AtollException.class, () -> Fields.number(message, "data"));
    assertThrows(
        AtollException.class,
        () -> Connect.parse("[1]".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
  }

  @Test
  void everyErrorHasACodeOfTheProtocol() {
    for (ErrorCode code : ErrorCode.values()) {
      Code shown = Code.of(AtollException.withMessage(code, "x"));
      assertEquals(code.status() == 401, shown == Code.UNAUTHENTICATED, code.name());
    }
    assertEquals(Code.UNAVAILABLE, Code.of(AtollException.of(ErrorCode.SANDBOX_DESTROYED, "x")));
  }
}
