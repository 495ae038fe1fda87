package com.atoll.server.e2b;

import com.atoll.model.Principal;
import com.atoll.server.secrets.Vault;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that open one sandbox for commands and files, and the signatures of file links that
 * are made of them. A token is computed from the id, so that it needs no row and ends with the
 * sandbox.
 */
final class AccessTokens {
  private final Vault vault;

  AccessTokens(Vault vault) {
    this.vault = vault;
  }

  String of(String sandboxId) {
    byte[] code = vault.code("e2b access token", sandboxId);
    return "ea_" + Base64.getUrlEncoder().withoutPadding().encodeToString(code);
  }

  /** The token for what listens in the sandbox. */
  String traffic(String sandboxId) {
    byte[] code = vault.code("e2b traffic token", sandboxId);
    return "ta_" + Base64.getUrlEncoder().withoutPadding().encodeToString(code);
  }

  /**
   * Whether a credential may do all that a token lets do, so that it may be told the token. One
   * that was delegated may not: the token lasts as long as the sandbox, which would outlive it.
   */
  static boolean mayKnow(Principal principal) {
    return !principal.standing().readOnly()
        && principal.delegation() == null
        && principal.allows("sandboxes:read")
        && principal.allows("sandboxes:write")
        && principal.allows("sandboxes:exec");
  }

  boolean opens(String sandboxId, @Nullable String token) {
    return token != null && equal(of(sandboxId), token);
  }

  boolean letsThrough(String sandboxId, @Nullable String token) {
    return token != null && equal(traffic(sandboxId), token);
  }

  /**
   * Whether a link to a file was signed with the token of the sandbox and is still valid.
   *
   * @param operation {@code read} or {@code write}
   * @param path as the link has it
   * @param user as the link has it; empty when it names none
   * @param expires seconds since 1970 as the link has them; null for never
   */
  boolean signed(
      String sandboxId,
      String operation,
      String path,
      String user,
      @Nullable String expires,
      String signature) {
    if (expires != null && !isAhead(expires)) {
      return false;
    }
    String token = of(sandboxId);
    String text = path + ':' + operation + ':' + user + ':' + token;
    byte[] digest = sha256(expires == null ? text : text + ':' + expires);
    return equal("v1_" + Base64.getEncoder().withoutPadding().encodeToString(digest), signature);
  }

  private static boolean isAhead(String expires) {
    return expires.matches("[0-9]{1,12}")
        && Long.parseLong(expires) >= Instant.now().getEpochSecond();
  }

  private static boolean equal(String ours, String theirs) {
    return MessageDigest.isEqual(
        ours.getBytes(StandardCharsets.UTF_8), theirs.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException(missing);
    }
  }
}
