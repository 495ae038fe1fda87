package com.atoll.server.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class CaptureTest {
  @Property
  void theMarkIsFoundHoweverTheOutputIsCut(
      @ForAll String text, @ForAll @IntRange(min = 1, max = 9) int piece) {
    StringBuilder told = new StringBuilder();
    Capture capture = new Capture("beef", 1 << 20, told::append);
    String before = text.replace("\u001ebeef", "") + "\u001ebee\u001e";
    byte[] all = (before + "\u001ebeef e30=\u001elater").getBytes(StandardCharsets.UTF_8);
    for (int at = 0; at < all.length; at += piece) {
      capture.add(Arrays.copyOfRange(all, at, Math.min(all.length, at + piece)));
    }
    assertTrue(capture.isEnded());
    assertEquals("e30=", capture.answer());
    byte[] kept = before.getBytes(StandardCharsets.UTF_8);
    assertEquals(new String(kept, StandardCharsets.UTF_8), capture.text());
    assertEquals(capture.text(), told.toString());
  }

  @Test
  void outputIsCutAtItsLimitAndTheMarkStillFound() {
    Capture capture = new Capture("beef", 3, text -> {});
    capture.add("abcdef\u001ebeef\u001e".getBytes(StandardCharsets.UTF_8));
    assertEquals("abc", capture.text());
    assertTrue(capture.isCut());
    assertTrue(capture.isEnded());
  }

  @Test
  void nonsenseInAnAnswerIsAnError() {
    for (String answer : new String[] {"", "???", "e30=", "bnVsbA==", "WzFd"}) {
      Answer read = Answer.read(answer);
      assertFalse(read.ok());
      assertTrue(read.error() != null);
    }
  }
}
