package com.atoll.server.files;

import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Gate;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The files of sandboxes. */
public final class FilesCapability implements Capability {
  private final List<Operation<?, ?>> operations = new ArrayList<>();

  /**
   * Files of these sandboxes, on this node.
   *
   * @param gate what judges the reads of links, whose readers show no credential
   * @param tokens what a token lets do now, by its id; null when it no longer counts
   */
  public FilesCapability(
      Sandboxes sandboxes,
      NodeClient node,
      Store store,
      Vault vault,
      Gate gate,
      Function<String, @Nullable Principal> tokens) {
    FileStore files = new FileStore(node);
    Sending sending = new Sending(files, node);
    operations.addAll(new WriteApi(sandboxes, files).operations());
    operations.addAll(new ReadApi(sandboxes, sending).operations());
    operations.addAll(new TreeApi(sandboxes, files, node).operations());
    operations.addAll(new SearchApi(sandboxes, node).operations());
    operations.addAll(new ImportApi(sandboxes, node).operations());
    operations.addAll(new WatchApi(sandboxes, node).operations());
    operations.addAll(
        new LinkApi(sandboxes, files, sending, store, vault, gate, tokens).operations());
    operations.addAll(new ExportsApi(sandboxes, files, sending).operations());
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return operations;
  }

  static OperationBuilder<NoBody, NoBody> read(
      OperationBuilder<NoBody, NoBody> operation, String id, String summary) {
    return declare(operation, id, summary).scope("sandboxes:read").readOnly();
  }

  static OperationBuilder<NoBody, NoBody> write(
      OperationBuilder<NoBody, NoBody> operation, String id, String summary) {
    return declare(operation, id, summary)
        .scope("sandboxes:write")
        .outside()
        .idempotency(Idempotency.NATURAL)
        .errors(ErrorCode.DISK_FULL, ErrorCode.FILE_EXISTS, ErrorCode.DIRECTORY_NOT_EMPTY);
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation, String id, String summary) {
    return operation
        .id(id)
        .summary(summary)
        .priority("P1")
        .errors(
            ErrorCode.SANDBOX_NOT_FOUND,
            ErrorCode.SANDBOX_DESTROYED,
            ErrorCode.SANDBOX_NOT_RUNNING,
            ErrorCode.INVALID_PATH,
            ErrorCode.FILE_NOT_FOUND,
            ErrorCode.NOT_A_FILE,
            ErrorCode.NODE_UNAVAILABLE);
  }
}
