package com.atoll.server.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

final class OutputTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Property
  void textThatIsCutAnywhereStaysTheSame(
      @ForAll byte[] bytes, @ForAll @IntRange(min = 1, max = 9) int piece) {
    Utf8Stream stream = new Utf8Stream();
    StringBuilder text = new StringBuilder();
    for (int at = 0; at < bytes.length; at += piece) {
      text.append(stream.next(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + piece))));
    }
    text.append(stream.finish());
    assertEquals(new String(bytes, StandardCharsets.UTF_8), text.toString());
  }

  @Test
  void everyFrameStaysBelow64KiBWhateverItHolds() {
    for (String one : new String[] {"a", "\"", "\u0001", "\u00e4", "\ud83d\ude00", "\u2028"}) {
      String text = one.repeat(200_000);
      StringBuilder joined = new StringBuilder();
      for (String piece : Frames.cut(text)) {
        joined.append(piece);
        int bytes = JSON.writeValueAsString(piece).getBytes(StandardCharsets.UTF_8).length;
        assertTrue(3 * bytes < 65_000, () -> "a frame of " + 3 * bytes + " bytes of " + one);
      }
      assertEquals(text, joined.toString());
    }
  }
}
