package com.atoll.edge.dns;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Answers of the last minute, to what the resolver asked in its own words. */
final class AnswerCache {
  private static final int MOST = 4_096;
  private static final long LONGEST_MS = 60_000;
  private static final long NEGATIVE_MS = 5_000;

  private record Key(String name, int type) {}

  private static final class Kept {
    final byte[] answer;
    final long until;

    Kept(byte[] answer, long until) {
      this.answer = answer;
      this.until = until;
    }
  }

  private final Map<Key, Kept> kept =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Kept> eldest) {
          return size() > MOST;
        }
      };

  private static Key key(Question question) {
    return new Key(question.name(), question.type());
  }

  synchronized byte @Nullable [] find(Question question) {
    Kept known = kept.get(key(question));
    return known == null || known.until - System.nanoTime() < 0 ? null : known.answer;
  }

  synchronized void keep(Question question, byte[] answer) {
    int code = answer[3] & 0x0f;
    if (Answers.isTruncated(answer) || (code != Answers.NO_ERROR && code != Answers.NAME_ERROR)) {
      return;
    }
    long millis = Math.min(LONGEST_MS, shortestLife(answer, question.end()));
    if (millis > 0) {
      kept.put(key(question), new Kept(answer, System.nanoTime() + millis * 1_000_000));
    }
  }

  /** The smallest TTL of the answer's records in ms. */
  private static long shortestLife(byte[] answer, int from) {
    ByteBuffer in = ByteBuffer.wrap(answer);
    int records = in.getShort(6) & 0xffff;
    if (records == 0) {
      return NEGATIVE_MS;
    }
    long shortest = LONGEST_MS;
    int at = from;
    for (int i = 0; i < records; i++) {
      at = afterName(answer, at);
      if (at < 0 || at + 10 > answer.length) {
        return 0;
      }
      shortest = Math.min(shortest, (in.getInt(at + 4) & 0xffffffffL) * 1_000);
      at += 10 + (in.getShort(at + 8) & 0xffff);
    }
    return shortest;
  }

  static int afterName(byte[] packet, int from) {
    int at = from;
    while (at < packet.length) {
      int length = packet[at] & 0xff;
      if (length == 0) {
        return at + 1;
      }
      if (length >= 0xc0) {
        return at + 2;
      }
      at += 1 + length;
    }
    return -1;
  }
}
