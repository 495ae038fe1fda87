package com.atoll.server.ssh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.AtollException;
import java.nio.ByteBuffer;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class CertificateTest {
  /** An Ed25519 signature with its type, in SSH's wire form. */
  private static final int SIGNATURE = 4 + 11 + 4 + 64;

  private static final String LINE =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE2SKi7MLq7AgsJ75ZpXGb4tynNCuKHNWIJ3lG6IYJFK a b";

  @Test
  void aKeyIsReadAsItIsWritten() {
    SshKey key = SshKey.parse("  " + LINE + "\n");
    assertEquals("a b", key.comment());
    assertEquals(LINE.substring(0, LINE.length() - 4), key.line());
    assertEquals("SHA256:3z7qUfX8dbY82rlS5JfFkY3blyk0llimW/x5whvsXRk", key.fingerprint());
    assertEquals("ssh-ed25519-cert-v01@openssh.com", key.certificateType());
    assertEquals(
        "sk-ssh-ed25519-cert-v01@openssh.com",
        new SshKey("sk-ssh-ed25519@openssh.com", new byte[0], "").certificateType());
  }

  @Property(tries = 300)
  void aChangedKeyIsReadOrRefusedAndNothingElse(@ForAll int at, @ForAll byte value) {
    byte[] blob = SshKey.parse(LINE).blob();
    byte[] changed = blob.clone();
    changed[Math.floorMod(at, blob.length)] = value;
    for (byte[] each : List.of(changed, Arrays.copyOf(blob, Math.floorMod(at, blob.length)))) {
      String line = "ssh-ed25519 " + Base64.getEncoder().encodeToString(each);
      try {
        assertArrayEquals(each, SshKey.parse(line).blob());
      } catch (AtollException refused) {
        assertTrue(refused.getMessage() != null);
      }
    }
  }

  @Test
  void shortRsaKeysAreRefused() {
    for (int bytes : new int[] {128, 255}) {
      assertThrows(AtollException.class, () -> SshKey.parse(rsa(bytes)));
    }
    assertEquals("ssh-rsa", SshKey.parse(rsa(256)).type());
  }

  private static String rsa(int bytes) {
    byte[] modulus = new byte[bytes + 1];
    Arrays.fill(modulus, 1, modulus.length, (byte) 0xff);
    byte[] blob = new Wire().string("ssh-rsa").string(new byte[] {1, 0, 1}).string(modulus).bytes();
    return "ssh-rsa " + Base64.getEncoder().encodeToString(blob);
  }

  @Test
  void theSignatureIsOverAllThatStandsBeforeIt() throws Exception {
    KeyPairs.Pair authority = KeyPairs.generate();
    Certificate certificate =
        Certificate.sign(
            authority,
            Certificate.Kind.USER,
            SshKey.parse(LINE),
            "who",
            List.of("sandbox-x"),
            new Certificate.Validity(Instant.EPOCH, Instant.ofEpochSecond(60)));
    byte[] blob = Base64.getDecoder().decode(certificate.line().replaceFirst(".* ", ""));
    int signed = blob.length - Integer.BYTES - SIGNATURE;
    ByteBuffer wire = ByteBuffer.wrap(blob, signed, blob.length - signed);
    assertEquals(SIGNATURE, wire.getInt());
    byte[] signature = Arrays.copyOfRange(blob, blob.length - 64, blob.length);
    byte[] encoded =
        ByteBuffer.allocate(44)
            .put(HexFormat.of().parseHex("302a300506032b6570032100"))
            .put(authority.publicKey())
            .array();
    Signature check = Signature.getInstance("Ed25519");
    check.initVerify(
        KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
    check.update(blob, 0, signed);
    assertTrue(check.verify(signature));
  }
}
