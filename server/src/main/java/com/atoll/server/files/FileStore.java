package com.atoll.server.files;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.FileInfo;
import com.atoll.node.v1.MakeDirectoryRequest;
import com.atoll.node.v1.OpenReadReply;
import com.atoll.node.v1.OpenReadRequest;
import com.atoll.node.v1.OpenWriteRequest;
import com.atoll.node.v1.Owner;
import com.atoll.node.v1.PathRequest;
import com.atoll.node.v1.WriteSmallRequest;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Reads and writes files of a sandbox that runs. Large ones pass through, they are never held. */
public final class FileStore {
  private static final int SMALL = 1 << 20;
  private static final int BUFFER = 256 << 10;

  private final NodeClient node;

  /** The files of the sandboxes of this node. */
  public FileStore(NodeClient node) {
    this.node = node;
  }

  /** What is at a path; {@code follow}: the target of a link at its end. */
  public FileInfo stat(String sandbox, SandboxPath path, boolean follow) {
    return node.files()
        .stat(
            PathRequest.newBuilder()
                .setWorkloadId(sandbox)
                .setPath(path.value())
                .setFollow(follow)
                .build());
  }

  /** What is at a path itself, with what it was given beside its content. */
  public FileInfo describe(String sandbox, SandboxPath path) {
    return node.files()
        .stat(
            PathRequest.newBuilder()
                .setWorkloadId(sandbox)
                .setPath(path.value())
                .setAttributes(true)
                .build());
  }

  /** Writes the whole content; folders above it are made. */
  long write(String sandbox, SandboxPath path, byte[] content, int mode) {
    requireName(path);
    if (content.length > SMALL) {
      return write(sandbox, path, new ByteArrayInputStream(content), content.length, mode);
    }
    ByteString bytes = UnsafeByteOperations.unsafeWrap(content);
    return withParents(
        sandbox,
        path,
        null,
        () ->
            node.files()
                .writeSmall(
                    WriteSmallRequest.newBuilder()
                        .setWorkloadId(sandbox)
                        .setPath(path.value())
                        .setContent(bytes)
                        .setMode(mode)
                        .build())
                .getSize());
  }

  /**
   * Writes what comes; folders above it are made. The file appears whole or not at all.
   *
   * @param size how much comes, or -1
   */
  public long write(String sandbox, SandboxPath path, InputStream content, long size, int mode) {
    return write(sandbox, path, content, size, mode, Given.NOTHING);
  }

  /** The same, with what the file is given beside its content. */
  public long write(
      String sandbox, SandboxPath path, InputStream content, long size, int mode, Given given) {
    requireName(path);
    OpenWriteRequest.Builder wanted =
        OpenWriteRequest.newBuilder()
            .setWorkloadId(sandbox)
            .setPath(path.value())
            .setMode(mode)
            .setSize(size)
            .putAllAttributes(given.attributes());
    if (given.owner() != null) {
      wanted.setOwner(given.owner());
    }
    OpenWriteRequest request = wanted.build();
    try (NodeStream stream =
        withParents(
            sandbox, path, given.owner(), () -> node.redeem(node.files().openWrite(request)))) {
      return send(content, stream, size < 0);
    } catch (IOException broken) {
      throw AtollException.causedBy(broken, ErrorCode.NODE_UNAVAILABLE);
    }
  }

  /** Several files, which get their names together. */
  ManyWrite writeMany(String sandbox, boolean atomic) {
    return ManyWrite.open(node, sandbox, atomic);
  }

  /** Sends all of it and answers the size that the node answers. */
  public static long send(InputStream content, NodeStream stream) throws IOException {
    return send(content, stream, false);
  }

  /**
   * The same; {@code marked}: each piece after its length, and 0 at the end. The end of a
   * connection alone does not say that this was all: that of a server that was killed looks alike.
   */
  private static long send(InputStream content, NodeStream stream, boolean marked)
      throws IOException {
    OutputStream out = stream.output();
    int head = marked ? Integer.BYTES : 0;
    byte[] buffer = new byte[head + BUFFER];
    int count;
    do {
      count = read(content, buffer, head);
      if (marked) {
        ByteBuffer.wrap(buffer).putInt(count);
      }
      try {
        out.write(buffer, 0, head + count);
      } catch (IOException broken) {
        stream.explain();
        throw broken;
      }
    } while (count > 0);
    return stream.finish();
  }

  private static int read(InputStream content, byte[] buffer, int from) {
    try {
      return content.readNBytes(buffer, from, buffer.length - from);
    } catch (IOException gone) {
      // The client broke off: nothing was acknowledged, and the node drops what it has.
      throw new UncheckedIOException(gone);
    }
  }

  /** Opens a regular file to read it. */
  public OpenReadReply open(String sandbox, SandboxPath path, long offset, long length) {
    return node.files()
        .openRead(
            OpenReadRequest.newBuilder()
                .setWorkloadId(sandbox)
                .setPath(path.value())
                .setOffset(offset)
                .setLength(length)
                .build());
  }

  /**
   * Opens all of a regular file to read it. How much that is says the stream: a file may be
   * replaced by a longer one until it is open.
   */
  public OpenReadReply openWhole(String sandbox, SandboxPath path) {
    return open(sandbox, path, 0, 0);
  }

  /** The bytes of a file that was opened. */
  public NodeStream redeem(OpenReadReply open) {
    return node.redeem(open.getTicket());
  }

  /** Makes a folder; {@code parents}: those above it too, and it may exist. */
  public void makeDirectory(String sandbox, SandboxPath path, boolean parents, int mode) {
    makeDirectory(sandbox, path, parents, mode, null);
  }

  /** The same; what is made belongs to an owner, or to root. */
  public void makeDirectory(
      String sandbox, SandboxPath path, boolean parents, int mode, @Nullable Owner owner) {
    MakeDirectoryRequest.Builder wanted =
        MakeDirectoryRequest.newBuilder()
            .setWorkloadId(sandbox)
            .setPath(path.value())
            .setParents(parents)
            .setMode(mode);
    if (owner != null) {
      wanted.setOwner(owner);
    }
    var _ = node.files().makeDirectory(wanted.build());
  }

  private interface Write<T> {
    T run();
  }

  private <T> T withParents(
      String sandbox, SandboxPath path, @Nullable Owner owner, Write<T> write) {
    try {
      return write.run();
    } catch (AtollException refused) {
      if (refused.code() != ErrorCode.FILE_NOT_FOUND) {
        throw refused;
      }
      makeDirectory(sandbox, path.parent(), true, 0, owner);
      return write.run();
    }
  }

  static void requireName(SandboxPath path) {
    if (path.name().isEmpty()) {
      throw AtollException.withMessage(ErrorCode.INVALID_PATH, "The path names no file.");
    }
  }
}
