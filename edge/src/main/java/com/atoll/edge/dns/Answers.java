package com.atoll.edge.dns;

import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** Answers that the resolver makes or changes itself. */
final class Answers {
  static final int NO_ERROR = 0;
  static final int SERVER_FAILURE = 2;
  static final int NAME_ERROR = 3;
  private static final int TTL = 30;

  private Answers() {}

  /** An answer without records. */
  static byte[] empty(byte[] query, Question question, int code) {
    byte[] answer = Arrays.copyOf(query, question.end());
    ByteBuffer out = ByteBuffer.wrap(answer);
    int wanted = query[2] & 0x01;
    out.putShort(2, (short) (0x8080 | wanted << 8 | code));
    out.putShort(4, (short) 1).putShort(6, (short) 0).putShort(8, (short) 0);
    out.putShort(10, (short) 0);
    return answer;
  }

  static byte[] addresses(byte[] query, Question question, List<Inet4Address> addresses) {
    byte[] head = empty(query, question, NO_ERROR);
    ByteBuffer out = ByteBuffer.allocate(head.length + 16 * addresses.size()).put(head);
    out.putShort(6, (short) addresses.size());
    for (Inet4Address address : addresses) {
      out.putShort((short) (0xc000 | Question.HEADER)).putShort((short) Question.A);
      out.putShort((short) 1).putInt(TTL).putShort((short) 4).put(address.getAddress());
    }
    return out.array();
  }

  /** A kept answer for another query of the same question: its number and its spelling. */
  static byte[] again(byte[] kept, byte[] query, Question question) {
    byte[] answer = kept.clone();
    answer[0] = query[0];
    answer[1] = query[1];
    System.arraycopy(
        query, Question.HEADER, answer, Question.HEADER, question.end() - Question.HEADER);
    return answer;
  }

  /** Says that the whole answer is to be had over TCP. */
  static byte[] truncated(byte[] query, Question question) {
    byte[] answer = empty(query, question, NO_ERROR);
    answer[2] |= 0x02;
    return answer;
  }
}
