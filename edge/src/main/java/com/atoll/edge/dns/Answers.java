package com.atoll.edge.dns;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers that the resolver makes or changes itself. */
final class Answers {
  static final int NO_ERROR = 0;
  static final int FORMAT_ERROR = 1;
  static final int SERVER_FAILURE = 2;
  static final int NAME_ERROR = 3;
  private static final byte TRUNCATED = 0x02;
  private static final int TTL = 30;
  private static final int MOST_ADDRESSES = 32;

  private Answers() {}

  /** An answer without records. */
  static byte[] empty(byte[] query, Question question, int code) {
    byte[] answer = Arrays.copyOf(query, question.end());
    ByteBuffer out = ByteBuffer.wrap(answer);
    out.putShort(2, flags(query, code));
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

  /** Those of an answer to this query: nothing in them is of who answered but the code. */
  private static short flags(byte[] query, int code) {
    int wanted = query[2] & 0x01;
    int unchecked = query[3] & 0x10;
    return (short) (0x8080 | wanted << 8 | unchecked | code);
  }

  /**
   * What is to be known of an answer: its records, without those that nobody asked for. Null when
   * it cannot be read, or its code does not fit into its head, so that it seems to be another one.
   */
  static byte @Nullable [] substance(byte[] answer, Question question) {
    ByteBuffer in = ByteBuffer.wrap(answer);
    int wanted = (in.getShort(6) & 0xffff) + (in.getShort(8) & 0xffff);
    int more = in.getShort(10) & 0xffff;
    int end = question.end();
    for (int i = 0; i < wanted && end > 0; i++) {
      end = afterRecord(answer, end);
    }
    int at = end;
    for (int i = 0; i < more && at > 0; i++) {
      int fixed = AnswerCache.afterName(answer, at);
      at = afterRecord(answer, at);
      if (at > 0 && (in.getShort(fixed) & 0xffff) == Edns.OPT && answer[fixed + 4] != 0) {
        return null;
      }
    }
    if (at < 0) {
      return null;
    }
    byte[] substance = Arrays.copyOf(answer, end);
    substance[10] = 0;
    substance[11] = 0;
    return substance;
  }

  static boolean isTruncated(byte[] answer) {
    return (answer[2] & TRUNCATED) != 0;
  }

  /** Where the next record begins; negative when this one is not whole. */
  static int afterRecord(byte[] packet, int from) {
    int at = AnswerCache.afterName(packet, from);
    if (at < 0 || at + 10 > packet.length) {
      return -1;
    }
    int end = at + 10 + (ByteBuffer.wrap(packet).getShort(at + 8) & 0xffff);
    return end > packet.length ? -1 : end;
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

  /** A known answer for a query of the same question: its number, its flags and its spelling. */
  static byte[] again(byte[] kept, byte[] query, Question question) {
    byte[] answer = kept.clone();
    answer[0] = query[0];
    answer[1] = query[1];
    ByteBuffer.wrap(answer).putShort(2, flags(query, kept[3] & 0x0f));
    answer[2] |= (byte) (kept[2] & TRUNCATED);
    System.arraycopy(
        query, Question.HEADER, answer, Question.HEADER, question.end() - Question.HEADER);
    return answer;
  }

  /** Says that the whole answer is to be had over TCP. */
  static byte[] truncated(byte[] query, Question question) {
    byte[] answer = empty(query, question, NO_ERROR);
    answer[2] |= TRUNCATED;
    return answer;
  }
}
