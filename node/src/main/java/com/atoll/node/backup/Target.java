package com.atoll.node.backup;

import com.atoll.node.archive.BucketObject;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

/** What a backup becomes. Until it is whole it has no name, so a process that ends leaves none. */
interface Target extends AutoCloseable {
  /** The name of a backup below the prefix of a bucket. */
  String OBJECT = "atoll.backup";

  /**
   * The target of an address: a file, {@code -} for stdout, {@code s3://bucket/prefix}.
   *
   * @param settings how S3 is reached
   */
  static Target of(String to, Path settings) throws IOException {
    if (to.equals("-")) {
      return new Stdout();
    }
    return BucketObject.isAddress(to)
        ? new BucketTarget(BucketObject.at(to, OBJECT, settings), to)
        : new FileTarget(to);
  }

  OutputStream output();

  /** It is durable and has its name when this returns. */
  void keep() throws IOException;

  @Override
  void close() throws IOException;

  /** Whoever reads from there takes it further. */
  final class Stdout implements Target {
    private final OutputStream out = new FileOutputStream(FileDescriptor.out);

    @Override
    public OutputStream output() {
      return out;
    }

    @Override
    public void keep() throws IOException {
      out.flush();
    }

    @Override
    public void close() {
      // It stays open for whoever comes next.
    }
  }
}
