package com.atoll.server.files;

import com.atoll.server.secrets.Vault;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;

/**
 * Signs links that let whoever has one read one path of one sandbox for a while. A link says all of
 * it and bears a code that only this installation makes, so that it needs no row.
 */
final class FileLinks {
  private static final String PURPOSE = "file link";

  private final Vault vault;

  FileLinks(Vault vault) {
    this.vault = vault;
  }

  /**
   * What a link is for.
   *
   * @param key id of the key or token that it was made with, which must be one still
   * @param expires seconds since 1970
   * @param format that of an archive, when the path is a folder then
   */
  record Link(String sandbox, String key, long expires, String format, String path) {
    /** The path is last: of all these only it may hold a line end. */
    private String text() {
      return String.join("\n", sandbox, key, Long.toString(expires), format, path);
    }
  }

  String signature(Link link) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(vault.code(PURPOSE, link.text()));
  }

  /** Whether it was signed here. Whether it is over is not looked at. */
  boolean signed(Link link, String signature) {
    return MessageDigest.isEqual(
        signature(link).getBytes(StandardCharsets.UTF_8),
        signature.getBytes(StandardCharsets.UTF_8));
  }
}
