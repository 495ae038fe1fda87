package com.atoll.server.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class SandboxPathTest {
  @Test
  void aRelativePathBeginsAtWorkspace() {
    assertEquals("/workspace/a/b.txt", SandboxPath.of("a/./b.txt").value());
    assertEquals("/a", SandboxPath.of("../a").value());
    assertEquals("/", SandboxPath.of("/").value());
    assertEquals("/etc/hosts", SandboxPath.of("//etc///hosts/").value());
    assertEquals("/workspace", SandboxPath.orHome("").value());
  }

  @Test
  void nameAndFolderOfAPath() {
    assertEquals("c", SandboxPath.of("/a/b/c").name());
    assertEquals("/a/b", SandboxPath.of("/a/b/c").parent().value());
    assertEquals("/", SandboxPath.of("/a").parent().value());
    assertEquals("", SandboxPath.of("/").name());
  }

  @Test
  void whatLeadsOutIsRefused() {
    refused("/..");
    refused("/a/../../b");
    refused("../../x");
    refused("");
    refused(null);
    refused("a\0b");
    refused("/" + "x".repeat(256));
    refused("/a".repeat(2100));
  }

  @Property
  void everyAcceptedPathIsAbsoluteAndHasNoDots(@ForAll String text) {
    SandboxPath path;
    try {
      path = SandboxPath.of(text);
    } catch (AtollException refused) {
      assertEquals(ErrorCode.INVALID_PATH, refused.code());
      return;
    }
    assertTrue(path.value().startsWith("/"));
    for (String name : path.value().split("/", -1)) {
      assertFalse(name.equals("..") || name.equals("."));
    }
    assertEquals(path, SandboxPath.of(path.value()));
  }

  private static void refused(@Nullable String text) {
    AtollException refused = assertThrows(AtollException.class, () -> SandboxPath.of(text));
    assertEquals(ErrorCode.INVALID_PATH, refused.code());
  }
}
