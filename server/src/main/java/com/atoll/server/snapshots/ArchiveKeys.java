package com.atoll.server.snapshots;

import com.atoll.model.OrganizationId;
import com.atoll.node.v1.ArchivedSnapshot;
import com.atoll.platform.Installation;
import com.atoll.server.secrets.Derived;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What archived snapshots are called and sealed with. Each has a key of its own that follows from
 * the master key; a node is told it with the call that needs it, and never the master key. The
 * owner may name the archive keys of other installations, whose snapshots may come here then.
 */
final class ArchiveKeys {
  private static final String PREFIX = "atoll-archive-key-1:";
  private static final int BYTES = 32;

  private final boolean configured;
  private final Supplier<byte[]> secret;
  private final ArchiveRoot own;
  private final Path others;

  ArchiveKeys(Installation installation) {
    configured = installation.snapshotArchive() != null;
    secret = Derived.key(installation, "snapshot archive");
    own = new ArchiveRoot(secret);
    others = installation.home().resolve("secrets/archive-keys");
  }

  /** Whether the owner named an archive. */
  boolean configured() {
    return configured;
  }

  /** The archive key as the owner carries it to another installation. */
  String text() {
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(secret.get());
  }

  /** A snapshot of this installation, as the node is told of it. */
  ArchivedSnapshot of(OrganizationId org, String id) {
    return own.of(org, id);
  }

  /** What images of this installation are sealed with. */
  ByteString imageKey() {
    return own.imageKey();
  }

  /** That of this installation. */
  ArchiveRoot own() {
    return own;
  }

  /** That of the installation with this folder: this one, or one that the owner named. */
  Optional<ArchiveRoot> root(String folder) {
    if (own.folder().equals(folder)) {
      return Optional.of(own);
    }
    try (Stream<String> lines =
        Files.exists(others) ? Files.lines(others, StandardCharsets.US_ASCII) : Stream.of()) {
      return lines
          .map(String::strip)
          .filter(line -> line.startsWith(PREFIX))
          .flatMap(ArchiveKeys::parsed)
          .filter(root -> root.folder().equals(folder))
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<ArchiveRoot> parsed(String line) {
    try {
      byte[] key = Base64.getUrlDecoder().decode(line.substring(PREFIX.length()));
      return key.length == BYTES ? Stream.of(new ArchiveRoot(() -> key.clone())) : Stream.of();
    } catch (IllegalArgumentException nonsense) {
      return Stream.of();
    }
  }
}
