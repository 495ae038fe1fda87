package com.atoll.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.atoll.server.http.dialects.Dialect;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is written at once reads as what a tree gives. */
final class DirectAnswerTest {
  private record Inner(String slug, double share) {}

  private record View(
      String id,
      @JsonUnwrapped Inner inner,
      @Nullable String cpuKind,
      long bytes,
      float part,
      Instant createdAt,
      List<Inner> many,
      Map<String, Object> metadata) {}

  private record Held(String id, Map<String, String> data) {}

  private record Hidden(@JsonUnwrapped Held held) {}

  private record Empty() {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Sparse(@Nullable String id) {}

  private static View view(String id) {
    return new View(
        id,
        new Inner("é\"\u2028", 0.1),
        null,
        1L << 40,
        0.7f,
        Instant.parse("2026-11-27T01:02:03.456789Z"),
        List.of(new Inner("", 1e-9)),
        Map.of("data", Map.of("deep", 1)));
  }

  private static String tree(Object view, Envelope envelope) {
    return new String(
        Answers.bytes(Answers.body(view, envelope, Dialect.COMMON, null)), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @EnumSource(names = {"FLAT", "FLAT_MIRROR"})
  void theBytesAreThoseOfTheTree(Envelope envelope) {
    for (String id : List.of("", "sbx_1", "x".repeat(100_000))) {
      byte[] direct = DirectAnswer.of(view(id), envelope);
      assertNotNull(direct);
      assertEquals(tree(view(id), envelope), new String(direct, StandardCharsets.UTF_8));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLAT", "FLAT_MIRROR"})
  void anObjectOfWhichNothingIsSaidHasOnlyItsData(Envelope envelope) {
    for (Sparse view : List.of(new Sparse(null), new Sparse("a"))) {
      byte[] direct = DirectAnswer.of(view, envelope);
      assertNotNull(direct);
      assertEquals(tree(view, envelope), new String(direct, StandardCharsets.UTF_8));
    }
  }

  @Test
  void whatIsLongOrHasAFieldOfTheEnvelopeIsLeftToTheTree() {
    assertNull(DirectAnswer.of(view("x".repeat(300_000)), Envelope.FLAT));
    Held held = new Held("a", Map.of());
    assertNull(DirectAnswer.of(held, Envelope.FLAT_MIRROR));
    assertNull(DirectAnswer.of(new Hidden(held), Envelope.FLAT_MIRROR));
    assertNull(DirectAnswer.of(new Empty(), Envelope.FLAT_MIRROR));
    assertNull(DirectAnswer.of(Map.of("id", "a"), Envelope.FLAT_MIRROR));
    assertNull(DirectAnswer.of(view("a"), Envelope.LIST));
  }
}
