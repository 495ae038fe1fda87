package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.files.FileStore;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.InnerCalls;
import com.atoll.server.http.Operation;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.secrets.Vault;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The wire of E2B: its API below {@code /e2b}, and what is at port 49983 of its sandboxes. */
public final class E2bCapability implements Capability {
  private static final long LARGEST_UPLOAD = 16L << 30;

  private final List<Operation<?, ?>> operations = new ArrayList<>();
  private final Admission admission;
  private final ProcessRoutes processes;
  private final FilesystemRoutes filesystem;
  private final FileRoutes files;
  private final Watches watches;

  /** E2B's wire to these sandboxes, on this node. */
  public E2bCapability(Sandboxes sandboxes, NodeClient node, Vault vault, InnerCalls inner) {
    AccessTokens tokens = new AccessTokens(vault);
    Backend backend = new Backend(inner);
    Shown shown = new Shown(tokens);
    Home home = new Home(node);
    FileStore store = new FileStore(node);
    Entries entries = new Entries(store);
    admission = new Admission(sandboxes, tokens);
    watches = new Watches(node, store, entries);
    Connect connect = new Connect(admission);
    processes = new ProcessRoutes(connect, node, home);
    filesystem = new FilesystemRoutes(connect, node, store, entries, watches);
    files = new FileRoutes(admission, store);
    Network network = new Network(backend);
    operations.addAll(new SandboxRoutes(backend, shown, home, network).operations());
    operations.addAll(new CreateRoutes(backend, shown, home, network).operations());
    operations.addAll(network.operations());
    operations.addAll(new SnapshotRoutes(backend).operations());
    operations.addAll(new MetricsRoutes(backend).operations());
    operations.addAll(Unbuilt.operations());
    // The gateway names the sandbox in the path; a client without host names, in a header.
    inside("/e2b/host/:sandbox", "host");
    inside("/e2b/sandbox", "header");
  }

  private void inside(String base, String tag) {
    operations.add(
        Declared.open(Operation.get(base + "/health"), tag + ".health", "Says that it runs.")
            .run(this::health));
    operations.add(
        Declared.open(Operation.get(base + "/files"), tag + ".read", "Sends a file.")
            .raw("application/octet-stream")
            .run(call -> {
              try {
                files.read(call);
              } catch (AtollException refused) {
                refuse(call, refused);
              }
            }));
    operations.add(
        Declared.open(Operation.post(base + "/files"), tag + ".write", "Writes files.")
            .rawRequest(LARGEST_UPLOAD)
            .response(JsonNode.class, Envelope.FLAT)
            .handle(call -> {
              try {
                return files.write(call);
              } catch (AtollException refused) {
                call.discardBody();
                return refuse(call, refused);
              }
            }));
    operations.add(
        Declared.open(
                Operation.post(base + "/process.Process/:method"), tag + ".process", "Processes.")
            .rawRequest(Long.MAX_VALUE)
            .raw("application/json")
            .run(call -> processes.answer(call)));
    operations.add(
        Declared.open(
                Operation.post(base + "/filesystem.Filesystem/:method"),
                tag + ".filesystem",
                "Files.")
            .rawRequest(Connect.LONGEST)
            .raw("application/json")
            .run(call -> filesystem.answer(call)));
  }

  private void health(Call call) {
    try {
      var _ = admission.seen(call);
    } catch (AtollException refused) {
      refuse(call, refused);
    }
  }

  /** A sandbox that does not run is the gateway's to answer on this wire: 502. */
  private static JsonNode refuse(Call call, AtollException refused) {
    boolean gone =
        refused.code() == ErrorCode.SANDBOX_NOT_RUNNING
            || refused.code() == ErrorCode.SANDBOX_NOT_FOUND
            || refused.code() == ErrorCode.SANDBOX_DESTROYED;
    int status = gone ? 502 : refused.code().status() == 422 ? 400 : refused.code().status();
    if (status == refused.code().status()) {
      throw refused;
    }
    call.setStatus(status);
    JsonNode body =
        Backend.object()
            .put("code", status)
            .put("message", refused.getMessage())
            .put("error_code", refused.code().code());
    call.respond(body, Envelope.FLAT);
    return body;
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return operations;
  }

  @Override
  public void close() {
    watches.close();
  }
}
