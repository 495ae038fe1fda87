package com.atoll.server.drains;

import com.atoll.server.http.Json;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Tx;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import tools.jackson.core.type.TypeReference;

/** What a drain keeps sealed: its secret, and its headers, which may carry credentials. */
final class Keys {
  private static final TypeReference<Map<String, String>> HEADERS = new TypeReference<>() {};

  private final Vault vault;

  Keys(Vault vault) {
    this.vault = vault;
  }

  byte[] sealSecret(Tx tx, String drain, String secret) {
    return vault.seal(tx, drain, "secret", secret.getBytes(StandardCharsets.UTF_8));
  }

  byte[] sealHeaders(Tx tx, String drain, Map<String, String> headers) {
    return vault.seal(tx, drain, "headers", Json.MAPPER.writeValueAsBytes(headers));
  }

  Map<String, String> headers(Tx tx, Drain drain) {
    return Json.MAPPER.readValue(vault.open(tx, drain.id(), "headers", drain.headers()), HEADERS);
  }

  /** The secrets that sign; none for syslog. */
  List<String> secrets(Tx tx, Drain drain) {
    byte[] sealed = drain.secret();
    return sealed == null
        ? List.of()
        : List.of(new String(vault.open(tx, drain.id(), "secret", sealed), StandardCharsets.UTF_8));
  }
}
