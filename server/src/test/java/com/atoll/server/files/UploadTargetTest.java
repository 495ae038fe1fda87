package com.atoll.server.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where an uploaded file goes. */
class UploadTargetTest {
  private static String target(@Nullable String path, @Nullable String fileName) {
    return WriteApi.target(path, fileName).value();
  }

  @Test
  void aFolderGetsTheFileUnderItsOwnName() {
    assertEquals("/workspace/up/a.txt", target("/workspace/up/", "a.txt"));
    assertEquals("/workspace/up/..a", target("/workspace/up/", "..a"));
    assertEquals("/workspace/a.txt", target(null, "a.txt"));
    assertEquals("/workspace/up", target("/workspace/up", "a.txt"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../evil", "../evil", "/etc/evil", "a/b/evil", "./evil"})
  void theNameOfTheFileLeadsNowhereElse(String fileName) {
    assertEquals("/workspace/up/evil", target("/workspace/up/", fileName));
    assertEquals("/workspace/evil", target("", fileName));
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", ".", "a/..", "a/", "/"})
  void aNameThatNoFileCanHaveIsRefused(String fileName) {
    assertThrows(AtollException.class, () -> target("/workspace/up/", fileName));
    assertThrows(AtollException.class, () -> target("", fileName));
  }
}
