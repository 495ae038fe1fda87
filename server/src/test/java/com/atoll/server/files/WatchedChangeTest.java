package com.atoll.server.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WatchedChangeTest {
  private static final String ID = "0123456789abcdef:7";

  @Test
  void aChangeIsWhatItsLineSays() throws IOException {
    WatchedChange change =
        WatchedChange.parse(
                "{\"event\":\"renamed\",\"path\":\"/b\",\"old_path\":\"/a\",\"is_dir\":true,\"id\":\""
                    + ID
                    + "\",\"more\":1}")
            .orElseThrow();
    assertEquals("renamed", change.type());
    assertEquals(ID, change.id());
    assertEquals(
        "{\"event\":\"renamed\",\"path\":\"/b\",\"old_path\":\"/a\",\"is_dir\":true}",
        change.data().toString());
  }

  @Test
  void whatASandboxMakesUpDoesNotGoOn() throws IOException {
    assertTrue(WatchedChange.parse("{\"event\":\"x\\nevent: y\"}").isEmpty());
    assertTrue(WatchedChange.parse("[1]").isEmpty());
    assertTrue(WatchedChange.parse("null").isEmpty());
    assertThrows(IOException.class, () -> WatchedChange.parse("{"));
    WatchedChange change =
        WatchedChange.parse("{\"event\":\"created\",\"path\":{},\"id\":\"" + ID + "\\ndata: 1\"}")
            .orElseThrow();
    assertNull(change.id());
    assertEquals("{\"event\":\"created\",\"is_dir\":false}", change.data().toString());
  }

  @Test
  void aCursorIsReadOrRefusedByItsName() {
    assertEquals("", WatchedChange.cursor(null));
    assertEquals("", WatchedChange.cursor(""));
    assertEquals(ID, WatchedChange.cursor(ID));
    for (String bad :
        List.of("7", ID + "\n", ID.toUpperCase(java.util.Locale.ROOT), ID + "0".repeat(18))) {
      AtollException refused = assertThrows(AtollException.class, () -> WatchedChange.cursor(bad));
      assertEquals(ErrorCode.INVALID_PARAM, refused.code());
      assertTrue(String.valueOf(refused.getMessage()).contains("last_event_id"));
    }
  }
}
