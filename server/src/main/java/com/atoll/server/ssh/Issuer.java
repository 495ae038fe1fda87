package com.atoll.server.ssh;

import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Signs keys of users and of sandboxes. */
final class Issuer {
  /** Clocks differ. */
  private static final Duration EARLIER = Duration.ofMinutes(1);

  private static final Duration HOST_VALIDITY = Duration.ofDays(1);

  private final KeyStore keys;

  Issuer(KeyStore keys) {
    this.keys = keys;
  }

  /** The keys that are ours in a connection. */
  record Keys(KeyPairs.Pair authority, KeyPairs.Pair host) {}

  /** A certificate, who signed it and when it ends. */
  record Issued(Certificate certificate, SshKey authority, Instant before) {}

  /** The one principal of certificates for a sandbox. */
  static String principal(String sandboxId) {
    return "sandbox-" + sandboxId;
  }

  Keys keys(Tx tx, String sandboxId) {
    return new Keys(keys.authority(tx), keys.host(tx, sandboxId));
  }

  /** Signs the key of a user. */
  Issued user(Tx tx, Sandbox sandbox, Principal asker, SshKey key, int seconds) {
    KeyPairs.Pair authority = keys.authority(tx);
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    // Nobody asks us again about a certificate: it can be bounded, but not recalled.
    Instant before = asker.bounded(now.plusSeconds(seconds)).truncatedTo(ChronoUnit.SECONDS);
    Certificate certificate =
        Certificate.sign(
            authority,
            Certificate.Kind.USER,
            key,
            asker.key().value() + "/" + sandbox.id(),
            List.of(principal(sandbox.id())),
            new Certificate.Validity(now.minus(EARLIER), before));
    tx.event(
        AuthorizedKey.event(
            "ssh_certificate.issued",
            sandbox,
            "ssh_certificate",
            Ids.next("sshc"),
            1,
            key.fingerprint()));
    return new Issued(certificate, authority.key(""), before);
  }

  /** Signs the host key of a sandbox, for the names that clients give it. */
  static Certificate host(Keys keys, Sandbox sandbox) {
    Instant now = Instant.now();
    return Certificate.sign(
        keys.authority(),
        Certificate.Kind.HOST,
        keys.host().key(""),
        sandbox.id(),
        List.of(sandbox.id(), sandbox.slug()),
        new Certificate.Validity(now.minus(EARLIER), now.plus(HOST_VALIDITY)));
  }
}
