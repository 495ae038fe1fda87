package com.atoll.server.files;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Operation;
import com.atoll.server.sandboxes.Sandboxes;
import java.util.ArrayList;
import java.util.List;

/** Reads files. */
final class ReadApi {
  private final Sandboxes sandboxes;
  private final Sending sending;

  ReadApi(Sandboxes sandboxes, Sending sending) {
    this.sandboxes = sandboxes;
    this.sending = sending;
  }

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
              .raw(Opened.BYTES)
              .otherStatus(206)
              .errors(ErrorCode.RANGE_NOT_SATISFIABLE)
              .run(call -> send(call, List.of(SandboxPath.of(call.query("path"))))));
    }
    all.add(
        FilesCapability.read(
                Operation.get("/sandboxes/:id/files/*path"),
                "sandboxes.files.get",
                "Sends the bytes of the file at this path.")
            .query("disposition", "attachment (default) or inline.")
            .raw(Opened.BYTES)
            .otherStatus(206)
            .errors(ErrorCode.RANGE_NOT_SATISFIABLE)
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
    sending.file(call, Reach.of(sandboxes, call), candidates);
  }
}
