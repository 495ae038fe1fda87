package com.atoll.server.files;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.FileInfo;
import com.atoll.node.v1.FileType;
import com.atoll.node.v1.OpenArchiveRequest;
import com.atoll.node.v1.OpenReadReply;
import com.atoll.node.v1.Ticket;
import com.atoll.server.http.Call;
import com.atoll.server.http.Operation;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import com.atoll.server.sandboxes.Sandboxes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Reads files. */
final class ReadApi {
  private static final String BYTES = "application/octet-stream";

  private final Sandboxes sandboxes;
  private final FileStore files;
  private final NodeClient node;

  ReadApi(Sandboxes sandboxes, FileStore files, NodeClient node) {
    this.sandboxes = sandboxes;
    this.files = files;
    this.node = node;
  }

  /** A file that is open. */
  private record Open(SandboxPath path, OpenReadReply reply, FileInfo info, Range range) {}

  List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>();
    for (String route : List.of("fs/download", "fs/read", "files/download", "files/read")) {
      all.add(
          FilesCapability.read(
                  Operation.get("/sandboxes/:id/" + route),
                  "sandboxes." + route.replace('/', '.'),
                  "Sends the bytes of a file; ranges are answered.")
              .query("path", "Path; a relative one begins at /workspace.")
              .query("disposition", "attachment (default) or inline.")
              .raw(BYTES)
              .run(call -> send(call, List.of(SandboxPath.of(call.query("path"))))));
    }
    all.add(
        FilesCapability.read(
                Operation.get("/sandboxes/:id/files/*path"),
                "sandboxes.files.get",
                "Sends the bytes of the file at this path.")
            .query("disposition", "attachment (default) or inline.")
            .raw(BYTES)
            .run(call -> send(call, candidates(call.rawPath("path")))));
    return all;
  }

  /** The path without its leading slash; a short one may be meant below /workspace. */
  private static List<SandboxPath> candidates(String rest) {
    String text = rest.startsWith("/") ? rest.substring(1) : rest;
    SandboxPath absolute = SandboxPath.of("/" + text);
    return text.startsWith("workspace/")
        ? List.of(absolute)
        : List.of(absolute, SandboxPath.of("/workspace/" + text));
  }

  private void send(Call call, List<SandboxPath> candidates) {
    Open open =
        sandboxes.awake(
            call.principal(), call.path("id"), sandbox -> open(call, sandbox.id(), candidates));
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(
        "Content-Disposition", Downloads.disposition(call.query("disposition"), open.path.name()));
    headers.put("Accept-Ranges", "bytes");
    headers.put("X-Content-Type-Options", "nosniff");
    if (open.range.partial()) {
      call.setStatus(206);
      headers.put("Content-Range", open.range.contentRange(open.info.getSize()));
    }
    try (NodeStream stream = files.redeem(open.reply)) {
      Downloads.copy(
          stream.input(),
          call.raw(BYTES, OptionalLong.of(open.range.length()), headers),
          open.range.length());
    }
  }

  private Open open(Call call, String sandbox, List<SandboxPath> candidates) {
    AtollException missing = null;
    for (SandboxPath path : candidates) {
      try {
        FileInfo info = files.stat(sandbox, path, true);
        if (info.getType() != FileType.FILE) {
          throw AtollException.of(ErrorCode.NOT_A_FILE, path.value());
        }
        Range range = Range.of(call.header("Range"), info.getSize());
        OpenReadReply reply = files.open(sandbox, path, range.offset(), range.length());
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

  /** Sends one file as it is, several as a tar.gz. */
  void sendArchive(Call call, List<SandboxPath> paths, String fileName) {
    Ticket ticket =
        sandboxes.awake(
            call.principal(),
            call.path("id"),
            sandbox ->
                node.files()
                    .openArchive(
                        OpenArchiveRequest.newBuilder()
                            .setWorkloadId(sandbox.id())
                            .addAllPaths(paths.stream().map(SandboxPath::value).toList())
                            .build()));
    try (NodeStream stream = node.redeem(ticket)) {
      Map<String, String> headers =
          Map.of("Content-Disposition", Downloads.disposition(call.query("disposition"), fileName));
      Downloads.copy(
          stream.input(), call.raw("application/gzip", OptionalLong.empty(), headers), -1);
    }
  }

  void sendOne(Call call, SandboxPath path) {
    send(call, List.of(path));
  }
}
