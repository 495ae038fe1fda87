package com.atoll.server.snapshots;

import com.atoll.model.OrganizationId;
import com.atoll.node.v1.ArchivedSnapshot;
import com.atoll.server.secrets.Sealer;
import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Supplier;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The archive key of one installation, and all that follows from it (HKDF): what its folder is
 * called, what each snapshot is sealed with, what its images and its tickets are.
 */
final class ArchiveRoot {
  private final Supplier<byte[]> secret;

  ArchiveRoot(Supplier<byte[]> secret) {
    this.secret = secret;
  }

  /** The folder of the installation, which names it. */
  String folder() {
    return HexFormat.of().formatHex(Arrays.copyOf(derive("folder"), 8));
  }

  /** A snapshot as a node is told of it. */
  ArchivedSnapshot of(OrganizationId org, String id) {
    return ArchivedSnapshot.newBuilder()
        .setFolder(folder())
        .setSnapshotId(id)
        .setKey(ByteString.copyFrom(derive("snapshot\n" + org.value() + "\n" + id)))
        .build();
  }

  /** What its images are sealed with. */
  ByteString imageKey() {
    return ByteString.copyFrom(derive("images"));
  }

  /** What its tickets are sealed with. */
  Sealer tickets() {
    return new Sealer(derive("tickets"));
  }

  private byte[] derive(String purpose) {
    try {
      return KDF.getInstance("HKDF-SHA256")
          .deriveData(
              HKDFParameterSpec.expandOnly(
                  new SecretKeySpec(secret.get(), "Generic"),
                  purpose.getBytes(StandardCharsets.UTF_8),
                  32));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
  }
}
