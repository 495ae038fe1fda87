package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.PathRequest;
import com.atoll.node.v1.RemoveRequest;
import com.atoll.node.v1.WriteSmallRequest;
import com.atoll.server.machines.NodeClient;
import java.util.function.Supplier;

/**
 * Which contexts of code were made in a sandbox and not removed: each has a file inside. So one
 * whose interpreter has ended, by itself or in a pause of files alone, is told from one that was
 * removed, and forks and snapshots have those of their source. A guest that writes there itself
 * only names contexts of its own.
 */
final class KeptContexts {
  private static final String FOLDER = "/opt/atoll/code/contexts/";

  private final NodeClient node;

  KeptContexts(NodeClient node) {
    this.node = node;
  }

  void add(String sandboxId, CodeContext context) {
    var _ =
        node.files()
            .writeSmall(
                WriteSmallRequest.newBuilder()
                    .setWorkloadId(sandboxId)
                    .setPath(path(context))
                    .build());
  }

  boolean has(String sandboxId, CodeContext context) {
    PathRequest file =
        PathRequest.newBuilder().setWorkloadId(sandboxId).setPath(path(context)).build();
    return isThere(() -> node.files().stat(file));
  }

  /** False when it was not there. */
  boolean remove(String sandboxId, CodeContext context) {
    RemoveRequest file =
        RemoveRequest.newBuilder().setWorkloadId(sandboxId).setPath(path(context)).build();
    return isThere(() -> node.files().remove(file));
  }

  private static boolean isThere(Supplier<?> use) {
    try {
      var _ = use.get();
      return true;
    } catch (AtollException refused) {
      if (refused.code() == ErrorCode.FILE_NOT_FOUND) {
        return false;
      }
      throw refused;
    }
  }

  private static String path(CodeContext context) {
    return FOLDER + context.id();
  }
}
