package com.atoll.server.templates;

import com.atoll.server.secrets.Vault;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;

/**
 * Links that let whoever has one upload files under one name. A link says all of it and bears a
 * code that only this installation makes, so that it needs no row.
 */
final class UploadLinks {
  private static final int LONGEST = 1_000;
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

  private final Vault vault;

  UploadLinks(Vault vault) {
    this.vault = vault;
  }

  /**
   * What a link is for.
   *
   * @param expiresAt seconds since 1970
   */
  record Link(String org, String name, long expiresAt) {
    private String text() {
      return org + "\n" + name + "\n" + expiresAt;
    }
  }

  String of(Link link) {
    byte[] text = link.text().getBytes(StandardCharsets.UTF_8);
    return ENCODER.encodeToString(text) + "." + code(link.text());
  }

  /** What a link is for; nothing when it is none of ours. Whether it is over is not looked at. */
  Optional<Link> open(String token) {
    int dot = token.indexOf('.');
    if (dot < 0 || token.length() > LONGEST) {
      return Optional.empty();
    }
    String text;
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(token.substring(0, dot));
      text = new String(bytes, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      return Optional.empty();
    }
    byte[] ours = code(text).getBytes(StandardCharsets.UTF_8);
    byte[] theirs = token.substring(dot + 1).getBytes(StandardCharsets.UTF_8);
    if (!MessageDigest.isEqual(ours, theirs)) {
      return Optional.empty();
    }
    String[] parts = text.split("\n", -1);
    return Optional.of(new Link(parts[0], parts[1], Long.parseLong(parts[2])));
  }

  private String code(String text) {
    return ENCODER.encodeToString(vault.code("template files", text));
  }
}
