package com.atoll.server.files;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.FileInfo;
import com.atoll.node.v1.FileType;
import com.atoll.node.v1.OpenArchiveRequest;
import com.atoll.node.v1.OpenReadReply;
import com.atoll.node.v1.Ticket;
import com.atoll.server.http.Call;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Sends files of a sandbox, as they are or as an archive, to whoever was let in. */
final class Sending {
  static final String BYTES = "application/octet-stream";

  /** What an answer may be, as it is declared. */
  static String[] types() {
    return new String[] {BYTES, "application/gzip", "application/x-tar", "application/zip"};
  }

  private final FileStore files;
  private final NodeClient node;

  Sending(FileStore files, NodeClient node) {
    this.files = files;
    this.node = node;
  }

  /** A file that is open. */
  private record Open(SandboxPath path, OpenReadReply reply, FileInfo info, Range range) {}

  /** Sends the bytes of the first of these that is a file. */
  void file(Call call, Reach reach, List<SandboxPath> candidates) {
    Open open = reach.awake(sandbox -> open(call, sandbox.id(), candidates));
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(
        "Content-Disposition", Downloads.disposition(call.query("disposition"), open.path.name()));
    headers.put("Accept-Ranges", "bytes");
    headers.put("ETag", tag(open.info));
    headers.put("X-Content-Type-Options", "nosniff");
    if (open.range.partial()) {
      call.setStatus(206);
      headers.put("Content-Range", open.range.contentRange(open.info.getSize()));
    }
    try (NodeStream stream = files.redeem(open.reply)) {
      long length = open.range.partial() ? open.range.length() : stream.size();
      Downloads.copy(stream.input(), call.raw(BYTES, OptionalLong.of(length), headers), length);
    }
  }

  /** Says whether a file is still the one that it was, so that a part goes with the others. */
  private static String tag(FileInfo info) {
    return '"'
        + Long.toHexString(info.getModifiedUnixMs())
        + '-'
        + Long.toHexString(info.getSize())
        + '"';
  }

  /** The range that is asked for; none where it was meant of a file that is another one by now. */
  private static @Nullable String wantedRange(Call call, FileInfo info) {
    String meant = call.header("If-Range");
    return meant == null || meant.strip().equals(tag(info)) ? call.header("Range") : null;
  }

  private Open open(Call call, String sandbox, List<SandboxPath> candidates) {
    AtollException missing = null;
    for (SandboxPath path : candidates) {
      try {
        FileInfo info = files.stat(sandbox, path, true);
        if (info.getType() != FileType.FILE) {
          throw AtollException.of(ErrorCode.NOT_A_FILE, path.value());
        }
        Range range = Range.of(wantedRange(call, info), info.getSize());
        OpenReadReply reply =
            range.partial()
                ? files.open(sandbox, path, range.offset(), range.length())
                : files.openWhole(sandbox, path);
        return new Open(path, reply, info, range);
      } catch (AtollException refused) {
        boolean next =
            refused.code() == ErrorCode.FILE_NOT_FOUND || refused.code() == ErrorCode.NOT_A_FILE;
        if (!next) {
          throw refused;
        }
        missing = missing == null ? refused : missing;
      }
    }
    throw missing == null ? AtollException.of(ErrorCode.FILE_NOT_FOUND, "there") : missing;
  }

  /** Whether there is a file at the path, and not a folder; an error when there is nothing. */
  boolean isFile(Reach reach, SandboxPath path) {
    FileInfo info = reach.awake(sandbox -> files.stat(sandbox.id(), path, true));
    return info.getType() == FileType.FILE;
  }

  /** Sends an archive; one that ends early ends the answer abnormally. */
  void archive(
      Call call, Reach reach, List<SandboxPath> paths, ArchiveFormat format, String fileName) {
    Ticket ticket =
        reach.awake(sandbox ->
            node.files()
                .openArchive(
                    OpenArchiveRequest.newBuilder()
                        .setWorkloadId(sandbox.id())
                        .addAllPaths(paths.stream().map(SandboxPath::value).toList())
                        .setFormat(format.wire())
                        .build()));
    try (NodeStream stream = opened(ticket, format)) {
      Map<String, String> headers =
          Map.of("Content-Disposition", Downloads.disposition(call.query("disposition"), fileName));
      Downloads.copy(
          stream.input(), call.raw(format.contentType(), OptionalLong.empty(), headers), -1);
    }
  }

  private NodeStream opened(Ticket ticket, ArchiveFormat format) {
    try {
      return node.redeem(ticket);
    } catch (AtollException refused) {
      if (refused.code() == ErrorCode.NOT_IMPLEMENTED && format != ArchiveFormat.TAR_GZ) {
        throw AtollException.withMessage(
            ErrorCode.NOT_IMPLEMENTED,
            "The machine of this sandbox was started by an earlier version, which makes tar.gz only.");
      }
      throw refused;
    }
  }
}
