package com.atoll.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JacksonSerializable;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.node.ObjectNode;

/** An answer that is sent while it is written. */
final class LongAnswerTest {
  /** What cannot be written down. */
  private static final class Broken implements JacksonSerializable {
    @Override
    public void serialize(JsonGenerator to, SerializationContext context) {
      throw new IllegalStateException("It is broken.");
    }

    @Override
    public void serializeWithType(
        JsonGenerator to, SerializationContext context, TypeSerializer type) {
      serialize(to, context);
    }
  }

  private final AtomicInteger closed = new AtomicInteger();
  private final ByteArrayOutputStream out =
      new ByteArrayOutputStream() {
        @Override
        public void close() {
          closed.incrementAndGet();
        }
      };

  @Test
  void itsEndIsNotForWhoeverWritesIt() throws IOException {
    Answers.write(Json.MAPPER.createObjectNode().put("a", 1), out);
    assertEquals("{\"a\":1}", out.toString(StandardCharsets.UTF_8));
    assertEquals(0, closed.get());
  }

  @Test
  void oneThatFailsIsNotEnded() {
    ObjectNode broken = Json.MAPPER.createObjectNode();
    broken.putPOJO("a", new Broken());
    assertThrows(RuntimeException.class, () -> Answers.write(broken, out));
    assertEquals(0, closed.get());
  }
}
