package com.atoll.node.archive;

import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the store that the owner named. */
final class Stores {
  private static final Pattern S3 =
      Pattern.compile("s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([A-Za-z0-9._/-]*))?");

  private Stores() {}

  /**
   * The store of an address.
   *
   * @param address an absolute path, or {@code s3://bucket/prefix}
   * @param settings file that says how S3 is reached
   */
  static ArchiveStore of(String address, Path settings) throws IOException {
    Matcher bucket = S3.matcher(address);
    if (bucket.matches()) {
      String prefix = bucket.group(2) == null ? "" : bucket.group(2).replaceAll("^/+|/+$", "");
      return new S3Store(
          new S3Client(S3Settings.read(settings), bucket.group(1)),
          prefix.isEmpty() ? "" : prefix + "/");
    }
    if (!address.startsWith("/")) {
      throw new IOException("snapshot_archive is neither a folder nor s3://bucket/prefix");
    }
    return new DirectoryStore(Path.of(address));
  }
}
