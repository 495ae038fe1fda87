package com.atoll.edge.dns;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a query says of its sender in the OPT record of RFC 6891. Its options end here: the resolver
 * knows none, and asks in its own words.
 *
 * @param size largest answer that the sender takes over UDP
 * @param version version of the extension
 * @param malformed no server can tell what it says
 */
record Edns(int size, int version, boolean malformed) {
  static final int OPT = 41;
  private static final int BAD_VERSION = 16;

  /** What goes over every network in one packet. */
  private static final int OWN_SIZE = 1_232;

  private static final int LEAST_SIZE = 512;
  private static final int RECORD = 11;
  private static final int LARGEST = 0xffff;
  private static final Edns MALFORMED = new Edns(LEAST_SIZE, 0, true);

  /** Reads it; null when the query has none. */
  static @Nullable Edns read(byte[] query, Question question) {
    ByteBuffer in = ByteBuffer.wrap(query);
    int records = in.getShort(10) & 0xffff;
    int at = question.end();
    Edns found = null;
    for (int i = 0; i < records; i++) {
      int owner = at;
      at = Answers.afterRecord(query, owner);
      if (at < 0) {
        return MALFORMED;
      }
      int fixed = AnswerCache.afterName(query, owner);
      if ((in.getShort(fixed) & 0xffff) != OPT) {
        continue;
      }
      if (found != null || fixed != owner + 1) {
        return MALFORMED;
      }
      int size = in.getShort(fixed + 2) & 0xffff;
      found = new Edns(size, query[fixed + 5] & 0xff, false);
    }
    return found;
  }

  /** Whether a query is to be answered by who looks up names. */
  boolean understood() {
    return !malformed && version == 0;
  }

  /** The answer to a query that is not understood. */
  byte[] refusal(byte[] query, Question question) {
    return malformed
        ? Answers.empty(query, question, Answers.FORMAT_ERROR)
        : with(Answers.empty(query, question, Answers.NO_ERROR), BAD_VERSION);
  }

  /** The answer with the record that belongs to one of a query with such a record. */
  static byte[] added(byte[] answer) {
    return with(answer, answer[3] & 0x0f);
  }

  private static byte[] with(byte[] answer, int code) {
    if (answer.length > LARGEST - RECORD) {
      return answer;
    }
    ByteBuffer out = ByteBuffer.wrap(Arrays.copyOf(answer, answer.length + RECORD));
    out.put(3, (byte) ((answer[3] & 0xf0) | (code & 0x0f)));
    out.putShort(10, (short) (out.getShort(10) + 1)).position(answer.length);
    out.put((byte) 0).putShort((short) OPT).putShort((short) OWN_SIZE);
    out.put((byte) (code >> 4)).put((byte) 0).putShort((short) 0).putShort((short) 0);
    return out.array();
  }

  /** How large an answer over UDP may be to a query with this, or with none. */
  static int most(@Nullable Edns edns) {
    return edns == null ? LEAST_SIZE : Math.clamp(edns.size, LEAST_SIZE, OWN_SIZE);
  }
}
