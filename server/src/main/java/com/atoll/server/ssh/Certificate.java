package com.atoll.server.ssh;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.List;

/**
 * A certificate in the format of OpenSSH (PROTOCOL.certkeys).
 *
 * @param line as in a {@code -cert.pub} file
 */
record Certificate(String line, long serial) {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int NONCE_BYTES = 32;
  private static final byte[] NONE = {};

  /** Whom a certificate is for. */
  enum Kind {
    /** Lets a user in. */
    USER(1),
    /** Says which host this is. */
    HOST(2);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    /** What the certificate allows, in the order of the alphabet. */
    private List<String> extensions() {
      return switch (this) {
        case USER -> List.of("permit-port-forwarding", "permit-pty");
        case HOST -> List.of();
      };
    }
  }

  /** The span of time in which a certificate holds. */
  record Validity(Instant after, Instant before) {}

  /** Signs a key for these principals. */
  static Certificate sign(
      KeyPairs.Pair authority,
      Kind kind,
      SshKey key,
      String keyId,
      List<String> principals,
      Validity validity) {
    byte[] nonce = new byte[NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    long serial = RANDOM.nextLong(1, Long.MAX_VALUE);
    Wire names = new Wire();
    principals.forEach(names::string);
    Wire extensions = new Wire();
    kind.extensions().forEach(extension -> extensions.string(extension).string(NONE));
    Wire body =
        new Wire()
            .string(key.certificateType())
            .string(nonce)
            .raw(key.fields())
            .uint64(serial)
            .uint32(kind.code)
            .string(keyId)
            .string(names.bytes())
            .uint64(validity.after().getEpochSecond())
            .uint64(validity.before().getEpochSecond())
            .string(NONE)
            .string(extensions.bytes())
            .string(NONE)
            .string(authority.key("").blob());
    byte[] signature = KeyPairs.sign(authority.seed(), body.bytes());
    String encoded = Base64.getEncoder().encodeToString(body.string(signature).bytes());
    return new Certificate(key.certificateType() + " " + encoded, serial);
  }
}
