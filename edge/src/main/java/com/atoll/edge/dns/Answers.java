package com.atoll.edge.dns;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Answers that the resolver makes or changes itself. */
final class Answers {
  static final int NO_ERROR = 0;
  static final int SERVER_FAILURE = 2;
  static final int NAME_ERROR = 3;
  private static final int TTL = 30;
  private static final int MOST_ADDRESSES = 32;

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
    return addresses(query, question, addresses, TTL);
  }

  static byte[] addresses(
      byte[] query, Question question, List<Inet4Address> addresses, int seconds) {
    byte[] head = empty(query, question, NO_ERROR);
    ByteBuffer out = ByteBuffer.allocate(head.length + 16 * addresses.size()).put(head);
    out.putShort(6, (short) addresses.size());
    for (Inet4Address address : addresses) {
      out.putShort((short) (0xc000 | Question.HEADER)).putShort((short) Question.A);
      out.putShort((short) 1).putInt(seconds).putShort((short) 4).put(address.getAddress());
    }
    return out.array();
  }

  /** The addresses that an answer names, whatever names lead to them. */
  static List<Inet4Address> addresses(byte[] answer, Question question) {
    List<Inet4Address> found = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(answer);
    int records = in.getShort(6) & 0xffff;
    int at = question.end();
    for (int i = 0; i < records && found.size() < MOST_ADDRESSES; i++) {
      at = AnswerCache.afterName(answer, at);
      if (at < 0 || at + 10 > answer.length) {
        break;
      }
      int type = in.getShort(at) & 0xffff;
      int length = in.getShort(at + 8) & 0xffff;
      at += 10;
      if (at + length > answer.length) {
        break;
      }
      if (type == Question.A && length == 4) {
        found.add(address(Arrays.copyOfRange(answer, at, at + 4)));
      }
      at += length;
    }
    return found;
  }

  private static Inet4Address address(byte[] bytes) {
    try {
      return (Inet4Address) InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
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
