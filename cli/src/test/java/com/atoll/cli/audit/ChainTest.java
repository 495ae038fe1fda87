package com.atoll.cli.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChainTest {
  private static List<String> links(int count) throws Exception {
    List<String> lines = new ArrayList<>();
    String previous = "0".repeat(64);
    for (int n = 1; n <= count; n++) {
      String entry = "{\"action\":\"a\",\"id\":\"aud_" + n + "\",\"metadata\":{\"n\":" + n + "}}";
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest((previous + '\n' + entry).getBytes(StandardCharsets.UTF_8));
      String hash = HexFormat.of().formatHex(digest);
      lines.add(
          "{\"entry\":%s,\"position\":%d,\"previous_hash\":\"%s\",\"hash\":\"%s\"}"
              .formatted(entry, n, previous, hash));
      previous = hash;
    }
    return lines;
  }

  private static Chain read(List<String> lines, String head) throws IOException {
    return Chain.read(new BufferedReader(new StringReader(String.join("\n", lines))), head);
  }

  private static Chain read(List<String> lines) throws IOException {
    return Chain.read(new BufferedReader(new StringReader(String.join("\n", lines))), null);
  }

  @Test
  void aWholeChainHolds() throws Exception {
    Chain chain = read(links(5));
    assertNull(chain.broken());
    assertEquals(5, chain.position());
  }

  @Test
  void theFirstChangedEntryIsNamed() throws Exception {
    List<String> lines = links(5);
    lines.set(2, lines.get(2).replace("\"n\":3", "\"n\":4"));
    assertEquals("link 3: its entry is not what was sealed", read(lines).broken());
  }

  @Test
  void aMissingEntryAndAMissingLinkAreNamed() throws Exception {
    List<String> gone = links(3);
    gone.set(1, gone.get(1).replaceFirst("\"entry\":\\{.*?}},", "\"entry\":null,"));
    assertEquals("link 2: its entry is gone", read(gone).broken());
    List<String> shorter = links(3);
    shorter.remove(1);
    assertEquals("link 2: the link that follows is 3", read(shorter).broken());
  }

  @Test
  void aRebuiltChainDoesNotHoldTheHeadThatWasNoted() throws Exception {
    String head = read(links(4)).head();
    assertNull(read(links(6), head).broken());
    String broken = read(links(3), head).broken();
    assertNotNull(broken);
    assertTrue(broken.contains("taken away"));
  }
}
