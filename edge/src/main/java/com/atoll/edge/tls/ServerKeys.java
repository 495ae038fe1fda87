package com.atoll.edge.tls;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives each TLS handshake the certificate for the name it asks for, issued when it is first asked
 * for. Names that nothing is served for get the installation's own certificate, so that asking
 * costs no signature.
 */
public final class ServerKeys extends X509ExtendedKeyManager {
  private static final Logger log = LoggerFactory.getLogger(ServerKeys.class);
  private static final int MOST_KEPT = 4_096;
  private static final Duration RENEW_BEFORE = Duration.ofDays(30);
  private static final String OWN = "*";

  private final Authority authority;
  private final List<String> ownNames;
  private final Function<String, @Nullable String> named;
  private final KeyPair pair;
  private final Map<String, X509Certificate> issued =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, X509Certificate> eldest) {
          return size() > MOST_KEPT;
        }
      };

  /**
   * @param ownNames names and addresses of the installation itself
   * @param named the name in the certificate for a host: its own or one that stands for many, null
   *     where nothing is served for it
   */
  public ServerKeys(
      Authority authority, List<String> ownNames, Function<String, @Nullable String> named)
      throws GeneralSecurityException {
    this.authority = authority;
    this.ownNames = List.copyOf(ownNames);
    this.named = named;
    this.pair = Authority.newKey();
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    if (!keyType.equals("EC") && !keyType.startsWith("EC_")) {
      return null;
    }
    if (engine != null && engine.getHandshakeSession() instanceof ExtendedSSLSession session) {
      for (SNIServerName asked : session.getRequestedServerNames()) {
        if (asked instanceof SNIHostName host) {
          String name = host.getAsciiName().toLowerCase(Locale.ROOT);
          String certified = ownNames.contains(name) ? null : named.apply(name);
          return certified == null ? OWN : certified;
        }
      }
    }
    return OWN;
  }

  private synchronized @Nullable X509Certificate certificate(String alias) {
    X509Certificate kept = issued.get(alias);
    if (kept != null && kept.getNotAfter().toInstant().minus(RENEW_BEFORE).isAfter(Instant.now())) {
      return kept;
    }
    try {
      X509Certificate fresh = authority.issue(alias.equals(OWN) ? ownNames : List.of(alias), pair);
      issued.put(alias, fresh);
      return fresh;
    } catch (GeneralSecurityException failed) {
      log.error("no certificate for {}", alias, failed);
      return null;
    }
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    X509Certificate leaf = certificate(alias);
    return leaf == null ? null : new X509Certificate[] {leaf, authority.certificate()};
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return pair.getPrivate();
  }

  @Override
  public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return new String[] {OWN};
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return keyType.startsWith("EC") ? OWN : null;
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }
}
