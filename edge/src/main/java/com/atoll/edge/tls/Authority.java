package com.atoll.edge.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/**
 * The installation's own certificate authority: {@code ca.pem}, for everybody to trust, and {@code
 * ca.key}, which only the edge reads.
 */
public final class Authority {
  private static final Duration LIFE = Duration.ofDays(3_650);
  private static final Duration LEAF_LIFE = Duration.ofDays(90);
  private static final Duration CLOCK_SKEW = Duration.ofHours(1);

  private final X509Certificate certificate;
  private final PrivateKey key;

  private Authority(X509Certificate certificate, PrivateKey key) {
    this.certificate = certificate;
    this.key = key;
  }

  /** Reads the authority kept in {@code folder}, or founds one named after the installation. */
  public static Authority open(Path folder, String installationId)
      throws IOException, GeneralSecurityException {
    Path certificateFile = folder.resolve("ca.pem");
    Path keyFile = folder.resolve("ca.key");
    if (Files.exists(certificateFile) && Files.exists(keyFile)) {
      return read(certificateFile, keyFile);
    }
    Files.createDirectories(folder);
    KeyPair pair = newKey();
    Instant now = Instant.now();
    X509Certificate certificate =
        CertificateWriter.authority(
            "Atoll local CA " + installationId,
            pair.getPublic(),
            pair.getPrivate(),
            now.minus(CLOCK_SKEW),
            now.plus(LIFE));
    // The certificate is written last: with it the authority is complete.
    write(keyFile, pem("PRIVATE KEY", pair.getPrivate().getEncoded()), "rw-------");
    write(certificateFile, pem("CERTIFICATE", certificate.getEncoded()), "rw-r--r--");
    return new Authority(certificate, pair.getPrivate());
  }

  /** A key for certificates. */
  public static KeyPair newKey() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static Authority read(Path certificateFile, Path keyFile)
      throws IOException, GeneralSecurityException {
    try (var in = Files.newInputStream(certificateFile)) {
      X509Certificate certificate =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
      byte[] encoded =
          Base64.getMimeDecoder()
              .decode(Files.readString(keyFile).replaceAll("-----[A-Z ]+-----", ""));
      PrivateKey key =
          KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(encoded));
      return new Authority(certificate, key);
    }
  }

  private static String pem(String what, byte[] encoded) {
    return "-----BEGIN "
        + what
        + "-----\n"
        + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
            .encodeToString(encoded)
        + "\n-----END "
        + what
        + "-----\n";
  }

  private static void write(Path file, String content, String mode) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".next");
    Files.deleteIfExists(next);
    var permissions = PosixFilePermissions.fromString(mode);
    var owner = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (var channel =
        Files.newByteChannel(
            next,
            owner,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      channel.write(ByteBuffer.wrap(content.getBytes(StandardCharsets.US_ASCII)));
    }
    Files.setPosixFilePermissions(next, permissions);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The certificate that clients have to trust. */
  public X509Certificate certificate() {
    return certificate;
  }

  /** The certificate as everybody reads it. */
  public String pem() throws GeneralSecurityException {
    return pem("CERTIFICATE", certificate.getEncoded());
  }

  /** A certificate for these names and addresses over {@code pair}. */
  public X509Certificate issue(List<String> names, KeyPair pair) throws GeneralSecurityException {
    Instant now = Instant.now();
    return CertificateWriter.server(
        names, pair.getPublic(), certificate, key, now.minus(CLOCK_SKEW), now.plus(LEAF_LIFE));
  }
}
