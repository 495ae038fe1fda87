package com.atoll.server.authority;

import com.atoll.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * Something that a credential can do, as policies name it.
 *
 * @param name for example {@code sandbox.create}
 * @param title what it does
 * @param risk read, write, destroy or manage
 * @param operations ids of the operations of this server that do it; none when it does not
 * @param scopes what a credential with listed scopes needs to have
 * @param parts names of the actions that it consists of; a policy of one of them counts for it too
 * @param fingerprint changes whenever any of the above does
 */
record Action(
    String name,
    String title,
    String risk,
    List<String> operations,
    SortedSet<String> scopes,
    List<String> parts,
    String fingerprint) {

  static Action of(
      String name,
      String title,
      String risk,
      List<String> operations,
      SortedSet<String> scopes,
      List<String> parts) {
    Map<String, Object> identity =
        new TreeMap<>(
            Map.of(
                "name", name,
                "operations", operations,
                "parts", parts,
                "risk", risk,
                "scopes", List.copyOf(scopes)));
    return new Action(
        name,
        title,
        risk,
        operations,
        scopes,
        parts,
        fingerprint(Json.MAPPER.valueToTree(identity)));
  }

  /** The hash over JSON with sorted keys and no spaces. */
  static String fingerprint(JsonNode json) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] hash =
          digest.digest(
              Json.MAPPER.writeValueAsString(Json.sorted(json)).getBytes(StandardCharsets.UTF_8));
      return "sha256:" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
