package com.atoll.server.files;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.FileInfo;
import com.atoll.node.v1.FileType;
import com.atoll.node.v1.OpenArchiveRequest;
import com.atoll.node.v1.Ticket;
import com.atoll.server.http.Call;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Sends files of a sandbox, as they are or as an archive, to whoever was let in. */
final class Sending {
  /** What an answer may be, as it is declared. */
  static String[] types() {
    return new String[] {Opened.BYTES, "application/gzip", "application/x-tar", "application/zip"};
  }

  private final FileStore files;
  private final NodeClient node;

  Sending(FileStore files, NodeClient node) {
    this.files = files;
    this.node = node;
  }

  /** Sends the bytes of the first of these that is a file. */
  void file(Call call, Reach reach, List<SandboxPath> candidates) {
    reach
        .awake(sandbox -> open(call, sandbox.id(), candidates))
        .send(call, call.query("disposition"));
  }

  private Opened open(Call call, String sandbox, List<SandboxPath> candidates) {
    AtollException missing = null;
    for (SandboxPath path : candidates) {
      try {
        return Opened.of(files, call, sandbox, path);
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
