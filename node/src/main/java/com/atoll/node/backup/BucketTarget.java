package com.atoll.node.backup;

import com.atoll.node.archive.BucketObject;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.OptionalLong;

/**
 * An object below a prefix. It goes up in parts, which are an object only when the last of them is
 * there and the upload is completed: a backup that breaks off is none.
 */
final class BucketTarget implements Target {
  private final BucketObject object;
  private final BucketObject.Upload upload;
  private final Counted output;

  /** Counts what goes up. */
  private static final class Counted extends FilterOutputStream {
    private long bytes;

    Counted(OutputStream to) {
      super(to);
    }

    @Override
    public void write(int one) throws IOException {
      out.write(one);
      bytes++;
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      out.write(from, offset, length);
      bytes += length;
    }
  }

  /** Refuses a prefix that has a backup. */
  BucketTarget(BucketObject object, String address) throws IOException {
    if (object.size().isPresent()) {
      throw new IOException("there is a backup in " + address + ": name another prefix");
    }
    this.object = object;
    upload = object.create();
    output = new Counted(upload.output());
  }

  @Override
  public OutputStream output() {
    return output;
  }

  @Override
  public void keep() throws IOException {
    upload.commit();
    OptionalLong size = object.size();
    if (size.isEmpty() || size.getAsLong() != output.bytes) {
      throw new IOException("the S3 service has not kept all of " + object);
    }
  }

  @Override
  public void close() throws IOException {
    upload.close();
  }
}
