package com.atoll.edge.tls;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes X.509 certificates of the two kinds the edge needs, signed with ECDSA and SHA-256. */
final class CertificateWriter {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final byte[] ECDSA_SHA256 = Der.sequence(Der.oid("1.2.840.10045.4.3.2"));
  private static final int DIGITAL_SIGNATURE = 0x80;
  private static final int CERT_AND_CRL_SIGN = 0x06;

  private CertificateWriter() {}

  static X509Certificate authority(
      String name, PublicKey key, PrivateKey signer, Instant from, Instant until)
      throws GeneralSecurityException {
    byte[] subject = name(name);
    byte[] extensions =
        Der.sequence(
            extension("2.5.29.19", true, Der.sequence(Der.yes(), Der.integer(BigInteger.ZERO))),
            extension("2.5.29.15", true, Der.flags(1, CERT_AND_CRL_SIGN)),
            extension("2.5.29.14", false, Der.octets(keyId(key))));
    return sign(subject, subject, key, signer, from, until, extensions);
  }

  static X509Certificate server(
      List<String> names,
      PublicKey key,
      X509Certificate issuer,
      PrivateKey signer,
      Instant from,
      Instant until)
      throws GeneralSecurityException {
    List<byte[]> alternatives = new ArrayList<>();
    for (String name : names) {
      alternatives.add(alternative(name));
    }
    byte[] extensions =
        Der.sequence(
            extension("2.5.29.19", true, Der.sequence()),
            extension("2.5.29.15", true, Der.flags(7, DIGITAL_SIGNATURE)),
            extension("2.5.29.37", false, Der.sequence(Der.oid("1.3.6.1.5.5.7.3.1"))),
            extension("2.5.29.14", false, Der.octets(keyId(key))),
            extension(
                "2.5.29.35", false, Der.sequence(Der.tagged(0x80, keyId(issuer.getPublicKey())))),
            extension("2.5.29.17", false, Der.sequence(alternatives.toArray(byte[][]::new))));
    return sign(
        issuer.getSubjectX500Principal().getEncoded(),
        name(shortened(names.getFirst())),
        key,
        signer,
        from,
        until,
        extensions);
  }

  /** A common name holds at most 64 characters; what counts are the alternative names. */
  private static String shortened(String name) {
    return name.length() <= 64 ? name : "Atoll";
  }

  private static byte[] alternative(String name) {
    byte[] address = IpLiteral.bytes(name);
    return address != null
        ? Der.tagged(0x87, address)
        : Der.tagged(0x82, name.getBytes(StandardCharsets.US_ASCII));
  }

  private static X509Certificate sign(
      byte[] issuer,
      byte[] subject,
      PublicKey key,
      PrivateKey signer,
      Instant from,
      Instant until,
      byte[] extensions)
      throws GeneralSecurityException {
    byte[] toSign =
        Der.sequence(
            Der.tagged(0xa0, Der.integer(BigInteger.TWO)),
            Der.integer(new BigInteger(127, RANDOM).setBit(126)),
            ECDSA_SHA256,
            issuer,
            Der.sequence(Der.time(from), Der.time(until)),
            subject,
            key.getEncoded(),
            Der.tagged(0xa3, extensions));
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(signer);
    signature.update(toSign);
    byte[] certificate = Der.sequence(toSign, ECDSA_SHA256, Der.bits(signature.sign()));
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(certificate));
  }

  private static byte[] name(String commonName) {
    byte[] attribute = Der.sequence(Der.oid("2.5.4.3"), Der.utf8(commonName));
    return Der.sequence(Der.tagged(0x31, attribute));
  }

  private static byte[] extension(String oid, boolean critical, byte[] value) {
    return critical
        ? Der.sequence(Der.oid(oid), Der.yes(), Der.octets(value))
        : Der.sequence(Der.oid(oid), Der.octets(value));
  }

  private static byte[] keyId(PublicKey key) throws GeneralSecurityException {
    return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()), 20);
  }
}
