package com.atoll.cli.audit;

import com.atoll.cli.http.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Checks an exported audit log link by link. Each hash is over the hash before it in hexadecimal, a
 * line feed, and the entry as JSON with sorted keys and no spaces; the first one follows 64 zeros.
 */
final class Chain {
  private static final String NOTHING = "0".repeat(64);

  private long position;
  private String head = NOTHING;
  private boolean seen;
  private @Nullable String broken;

  private Chain() {}

  /**
   * Reads a whole export.
   *
   * @param known a hash that was noted earlier and must be in the chain, or null
   */
  static Chain read(BufferedReader lines, @Nullable String known) throws IOException {
    Chain chain = new Chain();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (!line.isBlank() && !chain.take(Json.parse(line), known)) {
        return chain;
      }
    }
    if (known != null && !chain.seen && !known.equals(NOTHING)) {
      chain.broken = "the hash that was noted is not in the chain: entries were taken away";
    }
    return chain;
  }

  private boolean take(@Nullable JsonNode link, @Nullable String known) {
    long expected = position + 1;
    if (link == null) {
      return fail("the line is no JSON");
    }
    if (link.path("position").asLong(-1) != expected) {
      return fail("the link that follows is " + link.path("position").asString("missing"));
    }
    if (!Json.text(link, "previous_hash").equals(head)) {
      return fail("it does not name the hash before it");
    }
    JsonNode entry = link.path("entry");
    if (!entry.isObject()) {
      return fail("its entry is gone");
    }
    String hash = hash(head, Json.write(Json.sorted(entry)));
    if (!Json.text(link, "hash").equals(hash)) {
      return fail("its entry is not what was sealed");
    }
    position = expected;
    head = hash;
    seen |= hash.equals(known);
    return true;
  }

  private boolean fail(String why) {
    broken = "link " + (position + 1) + ": " + why;
    return false;
  }

  private static String hash(String previous, String entry) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((previous + '\n').getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(digest.digest(entry.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException(missing);
    }
  }

  /** How many links hold. */
  long position() {
    return position;
  }

  /** The hash of the last link that holds. */
  String head() {
    return head;
  }

  /** Which link is broken first and why, or null. */
  @Nullable String broken() {
    return broken;
  }
}
