package com.atoll.server.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client may end lines wherever Unicode does, and finds each frame whole all the same. */
final class SingleLineTest {
  private static final String ANY_LINE_END = "\\R";

  @ParameterizedTest
  @ValueSource(strings = {"\u0085", "\u2028", "\u2029"})
  void jsonStaysTheSameAndHasNoLineEndInIt(String mark) {
    String text = "a" + mark + mark + "\\\"\n" + mark + "ä";
    String json = SingleLine.of(Json.MAPPER.writeValueAsString(Map.of(text, text)));
    assertEquals(1, json.split(ANY_LINE_END, -1).length, json);
    assertEquals(text, Json.MAPPER.readTree(json).path(text).asString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u0085", "\u2028", "\u2029"})
  void anEventIsOneLineOfData(String mark) {
    String frame = EventStream.frame("7", "stdout", Map.of("line", "a" + mark + "b"));
    String[] lines = frame.split(ANY_LINE_END, -1);
    assertArrayEquals(new String[] {"id: 7", "event: stdout", lines[2], "", ""}, lines, frame);
    assertEquals(
        "a" + mark + "b",
        Json.MAPPER.readTree(lines[2].substring("data: ".length())).path("line").asString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u0085", "\u2028", "\u2029"})
  void textThatIsBytesIsQuotedOnOneLine(String mark) {
    String text = "plain \"" + mark + "\"\n\\ ä" + mark;
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer quoted = PlainText.quoted(bytes, 0, bytes.length);
    String json = '"' + StandardCharsets.UTF_8.decode(quoted).toString() + '"';
    assertEquals(1, json.split(ANY_LINE_END, -1).length, json);
    assertEquals(text, Json.MAPPER.readTree(json).asString());
  }
}
