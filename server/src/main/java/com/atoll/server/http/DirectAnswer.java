package com.atoll.server.http;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonValue;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** Writes an answer that nobody changes on its way: at once, without a tree of it. */
final class DirectAnswer {
  private static final int FIRST = 2 << 10;
  private static final byte[] DATA = ",\"data\":".getBytes(StandardCharsets.US_ASCII);

  /**
   * Whether a type is written as an object whose fields are known, none named as the envelope's.
   */
  private static final ClassValue<Boolean> PLAIN =
      new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
          return type.isRecord()
              && type.getRecordComponents().length > 0
              && Stream.of(type.getRecordComponents()).allMatch(DirectAnswer::isPlain)
              && Stream.of(type.getMethods())
                  .noneMatch(method ->
                      method.isAnnotationPresent(JsonAnyGetter.class)
                          || method.isAnnotationPresent(JsonValue.class));
        }
      };

  private DirectAnswer() {}

  /** The bytes of {@link Answers#body}; null where they are many, or only a tree has them. */
  static byte @Nullable [] of(Object view, Envelope envelope) {
    boolean mirrored = envelope == Envelope.FLAT_MIRROR;
    if ((!mirrored && envelope != Envelope.FLAT) || !PLAIN.get(view.getClass())) {
      return null;
    }
    Written out = new Written();
    try {
      Json.MAPPER.writeValue(out, view);
    } catch (JacksonException failed) {
      if (out.isFull()) {
        return null;
      }
      throw failed;
    }
    return mirrored ? out.mirrored() : out.bytes();
  }

  private static boolean isPlain(RecordComponent component) {
    return Fields.isUnwrapped(component)
        ? PLAIN.get(component.getType())
        : !Fields.wireName(component).equals("data");
  }

  /** Takes so many bytes and no more. */
  private static final class Written extends OutputStream {
    private byte[] bytes = new byte[FIRST];
    private int count;
    private boolean full;

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      if (length > Answers.LONG - count) {
        full = true;
        throw new IOException("The answer is longer than " + Answers.LONG + " bytes.");
      }
      if (length > bytes.length - count) {
        bytes = Arrays.copyOf(bytes, Math.max(count + length, 2 * bytes.length));
      }
      System.arraycopy(from, offset, bytes, count, length);
      count += length;
    }

    boolean isFull() {
      return full;
    }

    byte[] bytes() {
      return Arrays.copyOf(bytes, count);
    }

    /** The object with itself as its last field. */
    byte[] mirrored() {
      boolean alone = count == 2; // {}
      int own = alone ? 1 : count - 1;
      int skipped = alone ? 1 : 0; // the comma
      byte[] twice = Arrays.copyOf(bytes, own + DATA.length - skipped + count + 1);
      System.arraycopy(DATA, skipped, twice, own, DATA.length - skipped);
      System.arraycopy(bytes, 0, twice, twice.length - 1 - count, count);
      twice[twice.length - 1] = '}';
      return twice;
    }
  }
}
