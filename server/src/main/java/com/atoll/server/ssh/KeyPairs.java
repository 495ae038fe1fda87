package com.atoll.server.ssh;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;

/** Ed25519 keys as SSH has them: a seed of 32 bytes, and 32 bytes of public key. */
final class KeyPairs {
  static final int BYTES = 32;

  private KeyPairs() {}

  /** A key of ours. */
  @SuppressWarnings("ArrayRecordComponent")
  record Pair(byte[] seed, byte[] publicKey) {
    SshKey key(String comment) {
      return SshKey.ed25519(publicKey, comment);
    }
  }

  static Pair generate() {
    try {
      KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      // Both encodings end with the key itself.
      return new Pair(last(pair.getPrivate().getEncoded()), last(pair.getPublic().getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A signature in SSH's wire form. */
  static byte[] sign(byte[] seed, byte[] message) {
    try {
      PrivateKey key =
          KeyFactory.getInstance("Ed25519")
              .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed));
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(key);
      signature.update(message);
      return new Wire().string(SshKey.ED25519).string(signature.sign()).bytes();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] last(byte[] encoded) {
    return Arrays.copyOfRange(encoded, encoded.length - BYTES, encoded.length);
  }
}
