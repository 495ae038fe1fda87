package com.atoll.server.webhooks;

import com.atoll.server.http.Json;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Tx;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.type.TypeReference;

/** What a webhook keeps sealed: its secrets, and its headers, which may carry credentials. */
final class Secrets {
  private static final TypeReference<Map<String, String>> HEADERS = new TypeReference<>() {};

  private final Vault vault;

  Secrets(Vault vault) {
    this.vault = vault;
  }

  byte[] sealSecret(Tx tx, String webhook, String secret) {
    return vault.seal(tx, webhook, "secret", secret.getBytes(StandardCharsets.UTF_8));
  }

  byte[] sealHeaders(Tx tx, String webhook, Map<String, String> headers) {
    return vault.seal(tx, webhook, "headers", Json.MAPPER.writeValueAsBytes(headers));
  }

  Map<String, String> headers(Tx tx, Webhook webhook) {
    return Json.MAPPER.readValue(
        vault.open(tx, webhook.id(), "headers", webhook.headers()), HEADERS);
  }

  /** The secrets that sign now, the present one first. */
  List<String> signing(Tx tx, Webhook webhook, Instant now) {
    List<String> secrets = new ArrayList<>();
    secrets.add(open(tx, webhook, webhook.secret()));
    byte[] old = webhook.oldSecret();
    Instant until = webhook.oldSecretUntil();
    if (old != null && until != null && now.isBefore(until)) {
      secrets.add(open(tx, webhook, old));
    }
    return secrets;
  }

  private String open(Tx tx, Webhook webhook, byte[] sealed) {
    return new String(vault.open(tx, webhook.id(), "secret", sealed), StandardCharsets.UTF_8);
  }

  /** What may be shown of a secret later. */
  static String preview(String secret) {
    return secret.substring(0, Math.min(secret.length() / 3, 10)) + "…";
  }
}
