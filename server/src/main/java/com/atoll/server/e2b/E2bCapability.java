package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.code.Interpreters;
import com.atoll.server.files.FileStore;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Gate;
import com.atoll.server.http.InnerCalls;
import com.atoll.server.http.Operation;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.secrets.Vault;
import com.atoll.server.volumes.VolumesCapability;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * The wire of E2B: its API below {@code /e2b}, and what is at ports 49983 and 49999 of its
 * sandboxes.
 */
public final class E2bCapability implements Capability {
  private static final long LARGEST_UPLOAD = 16L << 30;

  /** As E2B documents of auto-resume: else a short time-out would pause it between two requests. */
  private static final int LEAST_LIFE = 300;

  private final List<Operation<?, ?>> operations = new ArrayList<>();
  private final Admission admission;
  private final ProcessRoutes processes;
  private final FilesystemRoutes filesystem;
  private final FileRoutes files;
  private final CodeRoutes code;
  private final Watches watches;

  /** Whether traffic wakes a paused sandbox: one of this wire only where its maker wanted that. */
  public static boolean isWokenByTraffic(Sandbox sandbox) {
    return Shown.isWokenByTraffic(sandbox.metadata());
  }

  /** Whether every port of it is reached, also on loopback: no SDK of E2B can expose one. */
  public static boolean isOpenInside(Sandbox sandbox) {
    return Shown.isOfThisWire(sandbox.metadata());
  }

  /** The seconds that a sandbox of this wire runs at least that traffic woke; 0 of any other. */
  public static int leastLife(Sandbox sandbox) {
    return Shown.isToWake(sandbox.metadata()) ? LEAST_LIFE : 0;
  }

  /** E2B's wire to these sandboxes, on this node. */
  public E2bCapability(
      Sandboxes sandboxes,
      NodeClient node,
      Interpreters interpreters,
      Vault vault,
      InnerCalls inner,
      Gate gate,
      VolumesCapability volumes) {
    AccessTokens tokens = new AccessTokens(vault);
    Backend backend = new Backend(inner);
    Shown shown = new Shown(tokens);
    Home home = new Home(node);
    FileStore store = new FileStore(node);
    Accounts accounts = new Accounts(node);
    Entries entries = new Entries(store, accounts);
    admission = new Admission(sandboxes, tokens, gate, accounts);
    watches = new Watches(node, store, entries);
    processes = new ProcessRoutes(new Connect(admission, call -> "sandboxes.exec"), node, home);
    filesystem =
        new FilesystemRoutes(
            new Connect(admission, FilesystemRoutes::operation), node, store, entries, watches);
    files = new FileRoutes(admission, store);
    code = new CodeRoutes(admission, interpreters, home, new KeptContexts(node));
    Network network = new Network(backend, gate);
    operations.addAll(
        new SandboxRoutes(backend, shown, home, network, new Mounts(volumes)).operations());
    operations.addAll(
        new CreateRoutes(backend, shown, home, network, new TemplateStart(backend, sandboxes))
            .operations());
    operations.addAll(network.operations());
    operations.addAll(new SnapshotRoutes(backend).operations());
    operations.addAll(new TemplateRoutes(backend).operations());
    operations.addAll(new VolumeRoutes(backend).operations());
    operations.addAll(new MetricsRoutes(backend).operations());
    operations.addAll(Unbuilt.operations());
    // The gateway names the sandbox in the path; a client without host names, in a header.
    inside("/e2b/host/:sandbox", "host");
    inside("/e2b/sandbox", "header");
    code("/e2b/host/:sandbox", "host");
    code("/e2b/sandbox", "header");
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

  /** What the SDK that runs code asks of port 49999. */
  private void code(String base, String tag) {
    operations.add(
        Declared.open(Operation.post(base + "/execute"), tag + ".execute", "Runs a cell of code.")
            .rawRequest(CodeRoutes.LONGEST)
            .raw(CodeStream.TYPE)
            .run(call -> guarded(call, () -> code.execute(call))));
    operations.add(
        Declared.open(Operation.post(base + "/contexts"), tag + ".contexts.create", "Begins one.")
            .rawRequest(CodeRoutes.LONGEST)
            .response(JsonNode.class, Envelope.FLAT)
            .handle(call -> answered(call, () -> code.create(call))));
    operations.add(
        Declared.open(Operation.get(base + "/contexts"), tag + ".contexts.list", "Lists them.")
            .response(JsonNode.class, Envelope.FLAT)
            .handle(call -> answered(call, () -> code.list(call))));
    operations.add(
        Declared.open(
                Operation.delete(base + "/contexts/:context"),
                tag + ".contexts.remove",
                "Ends one.")
            .run(call -> guarded(call, () -> code.remove(call))));
    operations.add(
        Declared.open(
                Operation.post(base + "/contexts/:context/restart"),
                tag + ".contexts.restart",
                "Ends one and begins it anew.")
            .run(call -> guarded(call, () -> code.restart(call))));
  }

  /** Work that answers by itself. */
  private interface Work {
    void run() throws IOException;
  }

  /** Work whose answer is sent. */
  private interface Answering {
    JsonNode run() throws IOException;
  }

  private static JsonNode answered(Call call, Answering work) throws IOException {
    try {
      return work.run();
    } catch (AtollException refused) {
      return refuse(call, refused);
    }
  }

  private static void guarded(Call call, Work work) throws IOException {
    try {
      work.run();
    } catch (AtollException refused) {
      refuse(call, refused);
    }
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
