package com.atoll.server.snapshots;

import com.atoll.model.OrganizationId;
import com.atoll.node.v1.ArchivedSnapshot;
import com.atoll.platform.Installation;
import com.atoll.server.secrets.Derived;
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
 * What archived snapshots are called and sealed with. Each has a key of its own that follows from
 * the master key (HKDF); a node is told it with the call that needs it, and never the master key.
 */
final class ArchiveKeys {
  private final boolean configured;
  private final Supplier<byte[]> root;

  ArchiveKeys(Installation installation) {
    configured = installation.snapshotArchive() != null;
    root = Derived.key(installation, "snapshot archive");
  }

  /** Whether the owner named an archive. */
  boolean configured() {
    return configured;
  }

  /** A snapshot as the node is told of it. */
  ArchivedSnapshot of(OrganizationId org, String id) {
    return ArchivedSnapshot.newBuilder()
        .setFolder(HexFormat.of().formatHex(Arrays.copyOf(derive("folder"), 8)))
        .setSnapshotId(id)
        .setKey(ByteString.copyFrom(derive("snapshot\n" + org.value() + "\n" + id)))
        .build();
  }

  private byte[] derive(String purpose) {
    try {
      return KDF.getInstance("HKDF-SHA256")
          .deriveData(
              HKDFParameterSpec.expandOnly(
                  new SecretKeySpec(root.get(), "Generic"),
                  purpose.getBytes(StandardCharsets.UTF_8),
                  32));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
  }
}
