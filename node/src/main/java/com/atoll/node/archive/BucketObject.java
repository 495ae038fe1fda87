package com.atoll.node.archive;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One object of a bucket of an S3 service, as large as parts of an upload allow: 590 GiB. */
public final class BucketObject {
  private static final Pattern ADDRESS =
      Pattern.compile("s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([A-Za-z0-9._/-]*))?");

  private final S3Client client;
  private final S3Store store;
  private final String key;

  private BucketObject(S3Client client, String key) {
    this.client = client;
    this.store = new S3Store(client, "");
    this.key = key;
  }

  /** An object on its way. It is there, whole, after {@link #commit}, and never without. */
  public interface Upload extends Closeable {
    /** Takes its bytes. */
    OutputStream output();

    /** Ends it. */
    void commit() throws IOException;

    /** Gives up what was not committed. */
    @Override
    void close() throws IOException;
  }

  /** Whether an address is one of a bucket. */
  public static boolean isAddress(String address) {
    return ADDRESS.matcher(address).matches();
  }

  /**
   * An object below the prefix of an address.
   *
   * @param address {@code s3://bucket/prefix}
   * @param name its name there
   * @param settings the file that says how the service is reached, for root alone
   */
  public static BucketObject at(String address, String name, Path settings) throws IOException {
    Matcher bucket = ADDRESS.matcher(address);
    if (!bucket.matches()) {
      throw new IOException(address + " is no s3://bucket/prefix");
    }
    String prefix = bucket.group(2) == null ? "" : bucket.group(2).replaceAll("^/+|/+$", "");
    S3Client client = new S3Client(S3Settings.read(settings), bucket.group(1));
    return new BucketObject(client, prefix.isEmpty() ? name : prefix + "/" + name);
  }

  /** Begins it anew; what earlier uploads of this very object have left is given up. */
  public Upload create() throws IOException {
    for (S3Client.Unfinished left : client.unfinished(key)) {
      if (left.key().equals(key)) {
        client.abort(key, left.uploadId());
      }
    }
    ArchiveStore.Upload upload = store.create(key);
    return new Upload() {
      @Override
      public OutputStream output() {
        return upload.output();
      }

      @Override
      public void commit() throws IOException {
        upload.commit();
      }

      @Override
      public void close() throws IOException {
        upload.close();
      }
    };
  }

  /** Its bytes; nothing when it is not there. */
  public Optional<InputStream> open() throws IOException {
    return client.get(key);
  }

  /** How many bytes it has; nothing when it is not there. */
  public OptionalLong size() throws IOException {
    return client.size(key);
  }

  @Override
  public String toString() {
    return key;
  }
}
