package com.atoll.server.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
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

  /** What a sink was told, in order. */
  private static final class Told implements Capture.Sink {
    private final List<String> all = new ArrayList<>();

    @Override
    public void text(String text) {
      all.add(text);
    }

    @Override
    public void message(@Nullable String message) {
      all.add("[" + message + "]");
    }
  }

  private static byte[] bytes(String text) {
    return text.replace("^", "\u001e").getBytes(StandardCharsets.UTF_8);
  }

  @Property
  void messagesComeWholeBetweenTheTextHoweverTheOutputIsCut(
      @ForAll @IntRange(min = 1, max = 60) int piece) {
    Told told = new Told();
    Capture capture = new Capture("beef", 99, told);
    byte[] all = bytes("one^beef<YW^two^beef+Jj^^beef.^^beef<ZA^^beef.^three^beef e30=^");
    for (int at = 0; at < all.length; at += piece) {
      capture.add(Arrays.copyOfRange(all, at, Math.min(all.length, at + piece)));
    }
    assertEquals("onetwothree", capture.text());
    assertEquals("e30=", capture.answer());
    assertEquals("onetwo[YWJj][ZA]three", String.join("", told.all));
  }

  @Test
  void aMessageThatWasNotEndedIsForgottenAndOneThatIsTooLongToldAsNone() {
    Told told = new Told();
    Capture capture = new Capture("beef", 9, told);
    capture.add(bytes("^beef<lost^^beef<YQ^^beef.^^beef.^"));
    assertEquals(List.of("[YQ]", "[]"), told.all);
    capture.add(bytes("^beef<"));
    for (int i = 0; i < 13; i++) {
      capture.add(new byte[1 << 20]);
    }
    capture.add(bytes("^^beef.^^beef<Yg^^beef.^"));
    assertEquals(List.of("[null]", "[Yg]"), told.all.subList(2, 4));
  }

  @Test
  void aGapInAMessageDoesNotHideTheMark() {
    Told told = new Told();
    Capture capture = new Capture("beef", 9, told);
    capture.add(bytes("^beef<YW"));
    capture.gap();
    capture.add(bytes("on^beef.^^beef e30=^"));
    assertTrue(capture.isEnded());
    assertEquals("e30=", capture.answer());
    assertEquals(List.of("on", "[null]"), told.all);
  }

  @Test
  void whatIsKeptEndsAtItsLimitWhatIsToldDoesNotAndTheMarkIsStillFound() {
    Told told = new Told();
    Capture capture = new Capture("beef", 3, told);
    capture.add(bytes("abcdef^beef^"));
    assertEquals("abc", capture.text());
    assertEquals(List.of("abcdef"), told.all);
    assertTrue(capture.isCut());
    assertTrue(capture.isEnded());
  }

  @Test
  void aListenerIsToldWhateverIsShownAndAPlainAnswerSaysThatItIsCut() {
    List<Cell.Shown> told = new ArrayList<>();
    List<String> lost = new ArrayList<>();
    Displays displays =
        new Displays(
            new Interpreters.Listener() {
              @Override
              public void wrote(boolean error, String text) {}

              @Override
              public void showed(Cell.Shown shown) {
                told.add(shown);
              }

              @Override
              public void lost(String why) {
                lost.add(why);
              }
            });
    String one = base64("{\"value\":true,\"data\":{\"text/plain\":\"1\"}}");
    for (int i = 0; i < 256; i++) {
      displays.message(one);
    }
    assertFalse(displays.isCut());
    displays.message(one);
    assertEquals(257, told.size());
    assertFalse(told.get(256).value());
    assertEquals(256, displays.kept().size());
    assertTrue(displays.isCut());
    assertTrue(lost.isEmpty());
    for (String nonsense : new String[] {null, "", "???", base64("{\"data\":{")}) {
      displays.message(nonsense);
    }
    assertEquals(1, lost.size());
    String answer = "{\"ok\":true,\"cut\":true,\"displays\":[{\"value\":true,\"data\":{\"a\":1}}]}";
    displays.end(Answer.read(base64(answer)));
    assertEquals(2, lost.size());
    assertEquals(257, told.size());
    assertTrue(displays.kept().getLast().value());
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
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
