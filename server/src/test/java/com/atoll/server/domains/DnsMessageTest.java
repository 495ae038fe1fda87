package com.atoll.server.domains;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class DnsMessageTest {
  private static final byte[] QUESTION = DnsMessage.question(7, "a.example", DnsMessage.CNAME);

  /** An answer with one record, whose data is this. */
  private static byte[] answer(int type, int... data) {
    ByteBuffer out = ByteBuffer.allocate(512).put(QUESTION);
    out.put(2, (byte) 0x81).put(3, (byte) 0x80).put(7, (byte) 1);
    out.putShort((short) 0xc00c).putShort((short) type).putShort((short) 1).putInt(60);
    out.putShort((short) data.length);
    for (int one : data) {
      out.put((byte) one);
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  @Test
  void namesGoOnWhereAPointerLeads() throws IOException {
    byte[] message = answer(DnsMessage.CNAME, 1, 'B', 0xc0, 14);
    assertTrue(DnsMessage.answers(message, QUESTION));
    assertEquals(List.of("b.example"), DnsMessage.answers(message, DnsMessage.CNAME));
    assertEquals(List.of(), DnsMessage.answers(message, DnsMessage.TXT));
  }

  @Test
  void partsOfATextBelongTogether() throws IOException {
    byte[] message = answer(DnsMessage.TXT, 2, 'a', 'b', 1, 'c');
    assertEquals(List.of("abc"), DnsMessage.answers(message, DnsMessage.TXT));
  }

  @Test
  void aPointerThatLeadsInACircleIsRefused() {
    int data = QUESTION.length + 12;
    byte[] message = answer(DnsMessage.CNAME, 0xc0, data);
    assertThrows(IOException.class, () -> DnsMessage.answers(message, DnsMessage.CNAME));
  }

  @Test
  void whatAnswersAnotherQuestionIsNone() {
    byte[] other = answer(DnsMessage.CNAME, 1, 'b', 0);
    other[1] ^= 1;
    assertFalse(DnsMessage.answers(other, QUESTION));
    assertFalse(DnsMessage.answers(QUESTION, QUESTION));
    byte[] named = answer(DnsMessage.CNAME, 1, 'b', 0);
    named[13] = 'x';
    assertFalse(DnsMessage.answers(named, QUESTION));
  }

  @Test
  void brokenMessagesAreErrorsAndNothingElse() {
    Random random = new Random(1);
    byte[] whole = answer(DnsMessage.CNAME, 1, 'b', 0xc0, 14);
    for (int i = 0; i < 50_000; i++) {
      byte[] broken = Arrays.copyOf(whole, 12 + random.nextInt(whole.length - 11));
      broken[4 + random.nextInt(broken.length - 4)] = (byte) random.nextInt();
      try {
        assertTrue(DnsMessage.answers(broken, DnsMessage.CNAME).size() <= 50);
      } catch (IOException refused) {
        assertTrue(String.valueOf(refused.getMessage()).startsWith("the resolver"));
      }
    }
  }
}
