package com.atoll.server.snapshots;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.FairShare;
import com.atoll.model.OrganizationId;
import com.atoll.node.v1.DirectoryReply;
import com.atoll.node.v1.FileInfo;
import com.atoll.node.v1.FileType;
import com.atoll.node.v1.OpenReadReply;
import com.atoll.node.v1.SnapshotPathRequest;
import com.atoll.server.files.Downloads;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads in snapshots, without a sandbox that runs. */
final class ReadApi {
  private static final String BYTES = "application/octet-stream";
  private static final String TAR = "application/x-tar";
  private static final int LONGEST_PATH = 4095;

  /** Streams at once; the machine takes a quarter more, for whoever only looks. */
  private static final int STREAMS = 48;

  private static final int STREAMS_EACH = 12;

  private final FairShare<OrganizationId> streams = new FairShare<>(STREAMS, STREAMS_EACH);
  private final NodeClient node;
  private final Snapshots snapshots;

  ReadApi(NodeClient node, Snapshots snapshots) {
    this.node = node;
    this.snapshots = snapshots;
  }

  /** A file or folder in a snapshot. */
  record Entry(
      @Doc("Last part of its path.") String name,
      @Doc("Absolute path.") String path,
      @Doc("file, dir, symlink or other.") String type,
      @Doc("Bytes of a file; 0 for others.") long size,
      @Doc("Permission bits, octal.") String mode,
      @Doc("When it was last changed.") Instant modifiedAt,
      @Doc("Where a link leads.") @Nullable String linkTarget) {}

  /** What a folder holds. */
  record Folder(
      @Doc("The folder.") String path,
      @Doc("What is in it, by name.") List<Entry> entries,
      @Doc("Whether there is more than is shown.") boolean truncated) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        declare(Operation.get("/snapshots/:id/tree"), "tree", "Lists a folder in a snapshot.")
            .query("path", "Absolute path of the folder; / when absent.")
            .response(Folder.class, Envelope.FLAT)
            .handle(this::folder),
        declare(
                Operation.get("/snapshots/:id/files"),
                "files",
                "Sends a file in a snapshot, or a folder as tar.")
            .query("path", "Absolute path.")
            .query("disposition", "attachment (default) or inline.")
            .raw(BYTES, TAR)
            .run(this::send));
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return HistoryApi.read(operation, name, summary)
        .errors(
            ErrorCode.NOT_FOUND,
            ErrorCode.FILE_NOT_FOUND,
            ErrorCode.NOT_A_FILE,
            ErrorCode.INVALID_PATH,
            ErrorCode.SNAPSHOT_NOT_READY,
            ErrorCode.NODE_UNAVAILABLE);
  }

  private SnapshotPathRequest request(Call call, String path) {
    boolean absolute = path.startsWith("/") && path.length() <= LONGEST_PATH;
    if (!absolute || path.indexOf('\0') >= 0) {
      throw AtollException.of(
          ErrorCode.INVALID_PATH, path.length() > 80 ? path.substring(0, 80) + "…" : path);
    }
    Snapshot snapshot = snapshots.use(call.principal(), call.path("id"));
    return SnapshotPathRequest.newBuilder().setSnapshotId(snapshot.id()).setPath(path).build();
  }

  private <T> T here(Call call, SnapshotPathRequest request, Supplier<T> work) {
    return snapshots.here(call.principal().org(), request.getSnapshotId(), work);
  }

  private Folder folder(Call call) {
    String asked = call.query("path");
    String path = asked == null || asked.isEmpty() ? "/" : asked;
    SnapshotPathRequest request = request(call, path);
    DirectoryReply reply = here(call, request, () -> node.snapshots().listSnapshotFolder(request));
    return new Folder(
        path, reply.getEntriesList().stream().map(ReadApi::entry).toList(), reply.getCut());
  }

  private void send(Call call) {
    String path = call.requireQuery("path");
    SnapshotPathRequest request = request(call, path);
    OrganizationId reader = call.principal().org();
    if (!streams.take(reader)) {
      throw AtollException.withMessage(
              ErrorCode.NODE_UNAVAILABLE,
              "Too many snapshots are being read at once, of one organization "
                  + STREAMS_EACH
                  + ".")
          .retryAfter(5);
    }
    try {
      send(call, path, request);
    } finally {
      streams.giveBack(reader);
    }
  }

  private void send(Call call, String path, SnapshotPathRequest request) {
    OpenReadReply open = here(call, request, () -> node.snapshots().openSnapshotFile(request));
    boolean folder = open.getInfo().getType() == FileType.DIRECTORY;
    String name = name(path);
    Map<String, String> headers =
        Map.of(
            "Content-Disposition",
            Downloads.disposition(call.query("disposition"), folder ? name + ".tar" : name),
            "X-Content-Type-Options",
            "nosniff");
    try (NodeStream stream = node.redeem(open.getTicket())) {
      long size = folder ? -1 : open.getInfo().getSize();
      Downloads.copy(
          stream.input(),
          call.raw(
              folder ? TAR : BYTES, folder ? OptionalLong.empty() : OptionalLong.of(size), headers),
          size);
    }
  }

  private static Entry entry(FileInfo info) {
    String type =
        switch (info.getType()) {
          case FILE -> "file";
          case DIRECTORY -> "dir";
          case SYMLINK -> "symlink";
          case SPECIAL, FILE_TYPE_UNSPECIFIED, UNRECOGNIZED -> "other";
        };
    return new Entry(
        name(info.getPath()),
        info.getPath(),
        type,
        info.getSize(),
        "%04o".formatted(info.getMode()),
        Instant.ofEpochMilli(info.getModifiedUnixMs()),
        info.getLinkTarget().isEmpty() ? null : info.getLinkTarget());
  }

  private static String name(String path) {
    String trimmed = path.replaceAll("/+$", "");
    String last = trimmed.substring(trimmed.lastIndexOf('/') + 1);
    return last.isEmpty() || last.equals("..") || last.equals(".") ? "root" : last;
  }
}
