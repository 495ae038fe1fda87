package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What builds are called. The SDKs ask for a build's id before they say how it is made: theirs
 * holds ours and what was asked for so far, so that nothing needs to be remembered of a build that
 * never begins. It opens nothing: whose a build is, its row says.
 */
final class BuildNames {
  static final String PREFIX = "bld";
  private static final int LONGEST = 2_000;
  private static final Pattern UUIDS =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

  private BuildNames() {}

  /**
   * A build as it was asked for.
   *
   * @param id ours
   * @param wish what was said when its id was asked for
   */
  record Named(String id, JsonNode wish) {}

  /** A new id, for what was asked for. */
  static String next(ObjectNode wish) {
    String id = shown(Ids.next(PREFIX));
    if (wish.isEmpty()) {
      return id;
    }
    byte[] json = wish.toString().getBytes(StandardCharsets.UTF_8);
    return id + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(json);
  }

  /** Ours as the SDKs read it. */
  static String shown(String id) {
    long[] halves = Ids.decode(id.substring(PREFIX.length() + 1));
    return new UUID(halves[0], halves[1]).toString();
  }

  /** What one of theirs means. */
  static Named read(String theirs) {
    int dot = theirs.indexOf('.');
    String uuid = dot < 0 ? theirs : theirs.substring(0, dot);
    if (theirs.length() > LONGEST || !UUIDS.matcher(uuid).matches()) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "build");
    }
    UUID id = UUID.fromString(uuid);
    String ours =
        PREFIX + "_" + Ids.encode(id.getMostSignificantBits(), id.getLeastSignificantBits());
    return new Named(ours, dot < 0 ? Backend.object() : wish(theirs.substring(dot + 1)));
  }

  private static JsonNode wish(String text) {
    try {
      JsonNode wish = Json.MAPPER.readTree(Base64.getUrlDecoder().decode(text));
      if (wish.isObject()) {
        return wish;
      }
    } catch (IllegalArgumentException | JacksonException malformed) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "build");
    }
    throw AtollException.of(ErrorCode.NOT_FOUND, "build");
  }
}
