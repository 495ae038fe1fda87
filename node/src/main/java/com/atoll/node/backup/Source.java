package com.atoll.node.backup;

import com.atoll.node.archive.BucketObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a backup is read from, as often as it is asked. */
interface Source {
  long size() throws IOException;

  InputStream open() throws IOException;

  /**
   * The backup at an address: a file, or {@code s3://bucket/prefix}.
   *
   * @param settings how S3 is reached
   */
  static Source of(String from, Path settings) throws IOException {
    return BucketObject.isAddress(from)
        ? bucket(BucketObject.at(from, Target.OBJECT, settings), from)
        : file(Path.of(from));
  }

  static Source file(Path file) {
    return new Source() {
      @Override
      public long size() throws IOException {
        return Files.size(file);
      }

      @Override
      public InputStream open() throws IOException {
        return Files.newInputStream(file);
      }
    };
  }

  private static Source bucket(BucketObject object, String address) {
    return new Source() {
      @Override
      public long size() throws IOException {
        return object.size().orElseThrow(() -> missing(address));
      }

      @Override
      public InputStream open() throws IOException {
        return object.open().orElseThrow(() -> missing(address));
      }
    };
  }

  private static IOException missing(String address) {
    return new IOException("there is no backup in " + address);
  }
}
