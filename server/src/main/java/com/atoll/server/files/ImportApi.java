package com.atoll.server.files;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.OpenUnpackRequest;
import com.atoll.node.v1.Ticket;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Operation;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import com.atoll.server.sandboxes.Sandboxes;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** Takes archives in. */
final class ImportApi {
  private static final long LARGEST = 16L << 30;

  private final Sandboxes sandboxes;
  private final NodeClient node;

  ImportApi(Sandboxes sandboxes, NodeClient node) {
    this.sandboxes = sandboxes;
    this.node = node;
  }

  /** What became of an archive. */
  record Imported(
      @Doc("Folder that has the entries now.") String path,
      @Doc("Files, folders and links that were made or replaced.") long entries,
      @Doc("Always true.") boolean success) {}

  List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>();
    for (String family : List.of("fs", "files")) {
      all.add(
          FilesCapability.write(
                  Operation.post("/sandboxes/:id/" + family + "/import"),
                  "sandboxes." + family + ".import",
                  "Unpacks the tar, tar.gz or zip of the body into a folder. An entry that would lead"
                      + " out of it ends the import; devices and pipes are left out.")
              .priority("P3")
              .query("path", "Folder, made when it is not there; default /workspace.")
              .rawRequest(LARGEST)
              .response(Imported.class, Envelope.FLAT_MIRROR)
              .status(201)
              .errors(ErrorCode.VALIDATION_FAILED)
              .handle(this::unpack));
    }
    return all;
  }

  private Imported unpack(Call call) {
    try {
      return unpackBody(call);
    } catch (AtollException refused) {
      // A client that still sends would miss why.
      call.discardBody();
      throw refused.code() == ErrorCode.VALIDATION_FAILED && refused.errors().isEmpty()
          ? refused.field("body", refused.getMessage())
          : refused;
    }
  }

  private Imported unpackBody(Call call) {
    SandboxPath path = SandboxPath.orHome(call.query("path"));
    String type = call.header("Content-Type");
    if (type != null && type.regionMatches(true, 0, "multipart/", 0, 10)) {
      throw AtollException.withMessage(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE, "The archive is the body itself, not a form.");
    }
    Ticket ticket =
        sandboxes.awake(
            call.principal(),
            call.path("id"),
            sandbox ->
                node.files()
                    .openUnpack(
                        OpenUnpackRequest.newBuilder()
                            .setWorkloadId(sandbox.id())
                            .setPath(path.value())
                            .build()));
    try (InputStream body = call.body();
        NodeStream stream = node.redeem(ticket)) {
      return new Imported(path.value(), FileStore.send(body, stream), true);
    } catch (IOException broken) {
      throw AtollException.causedBy(broken, ErrorCode.NODE_UNAVAILABLE);
    }
  }
}
