package com.atoll.node.archive;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A bucket of an S3 service, or a part of one. Objects of more than a part go up in parts. */
final class S3Store implements ArchiveStore {
  private static final int SMALL = 16 << 20;
  private static final int LARGE = 64 << 20;

  /** After so many small parts they grow: 10,000 are allowed in all, so 590 GiB of one object. */
  private static final int SMALL_PARTS = 1_000;

  private final S3Client client;
  private final String prefix;
  private final Set<String> underway = ConcurrentHashMap.newKeySet();

  /**
   * Objects of a bucket.
   *
   * @param prefix what their keys begin with; empty, or ends with a slash
   */
  S3Store(S3Client client, String prefix) {
    this.client = client;
    this.prefix = prefix;
  }

  @Override
  public Upload create(String name) {
    return new Parts(prefix + name);
  }

  private final class Parts extends OutputStream implements Upload {
    private final String key;
    private final List<String> tags = new ArrayList<>();
    private byte[] part = new byte[1 << 20];
    private int filled;
    private @Nullable String uploadId;

    Parts(String key) {
      this.key = key;
    }

    @Override
    public OutputStream output() {
      return this;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      int done = 0;
      while (done < length) {
        int most = tags.size() < SMALL_PARTS ? SMALL : LARGE;
        if (filled == most) {
          send();
          continue;
        }
        if (filled == part.length) {
          part = Arrays.copyOf(part, Math.min(most, 2 * part.length));
        }
        int n = Math.min(length - done, Math.min(part.length, most) - filled);
        System.arraycopy(bytes, offset + done, part, filled, n);
        filled += n;
        done += n;
      }
    }

    private void send() throws IOException {
      String id = uploadId;
      if (id == null) {
        id = client.begin(key);
        underway.add(id);
        uploadId = id;
      }
      tags.add(client.part(key, id, tags.size() + 1, part, filled));
      filled = 0;
    }

    @Override
    public void commit() throws IOException {
      if (uploadId == null) {
        client.put(key, part, filled);
        return;
      }
      if (filled > 0) {
        send();
      }
      String id = uploadId;
      client.complete(key, id, tags);
      uploadId = null;
      underway.remove(id);
    }

    @Override
    public void close() throws IOException {
      String id = uploadId;
      if (id != null) {
        uploadId = null;
        underway.remove(id);
        client.abort(key, id);
      }
    }
  }

  @Override
  public Optional<InputStream> open(String name) throws IOException {
    return client.get(prefix + name);
  }

  @Override
  public OptionalLong size(String name) throws IOException {
    return client.size(prefix + name);
  }

  @Override
  public void delete(String name) throws IOException {
    client.delete(prefix + name);
  }

  @Override
  public void sweep(String folder) throws IOException {
    for (S3Client.Unfinished left : client.unfinished(prefix + folder + "/")) {
      if (!underway.contains(left.uploadId())) {
        client.abort(left.key(), left.uploadId());
      }
    }
  }
}
