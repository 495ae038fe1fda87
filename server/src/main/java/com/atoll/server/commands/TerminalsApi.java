package com.atoll.server.commands;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.ProcessRef;
import com.atoll.node.v1.StartRequest;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.Sandboxes;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Terminals over WebSocket. A session is the process of its shell. */
final class TerminalsApi {
  private static final int LARGEST = 1000;

  /** Name of the process of a terminal. */
  private static final String NAME = "terminal";

  private final Sandboxes sandboxes;
  private final NodeClient node;

  TerminalsApi(Sandboxes sandboxes, NodeClient node) {
    this.sandboxes = sandboxes;
    this.node = node;
  }

  /** A terminal to open. */
  record Open(
      @Doc(value = "Columns; default 80.", min = 1, max = LARGEST) @Nullable Integer cols,
      @Doc(value = "Rows; default 24.", min = 1, max = LARGEST) @Nullable Integer rows,
      @Doc("Program; default bash, or sh where there is none.") @Nullable String shell,
      @Doc(
              "Directory; a relative one begins at /workspace, which is the default; / where that is gone.")
          @Nullable String cwd,
      @Doc("Environment of this terminal.") @Nullable Map<String, String> env,
      @Doc("User to run as; default root.") @Nullable String user) {}

  /** An open terminal. */
  record Session(
      @Doc("Id of the session.") String sessionId,
      @Doc("Same as session_id.") String id,
      @Doc("Where to attach, with the same credential.") String wsUrl,
      @Doc("Columns.") int cols,
      @Doc("Rows.") int rows) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        ProcessesApi.declare(
                Operation.post("/sandboxes/:id/terminal"), "terminal", "Opens a terminal.")
            .id("sandboxes.terminals.open")
            .idempotency(Idempotency.NEVER)
            .request(Open.class)
            .response(Session.class, Envelope.FLAT_MIRROR)
            .status(201)
            .handle(this::open),
        ProcessesApi.declare(
                Operation.get("/sandboxes/:id/terminal/stream"),
                "terminal",
                "A terminal over WebSocket: binary frames both ways, text frames resize. A frame of"
                    + " type exit says that the shell ended; a socket closed without it, such as"
                    + " with 1012, broke, and is opened again after the last cursor.")
            .id("sandboxes.terminals.stream")
            .priority("P1")
            .query("session_id", "An open session; absent: a new one that ends with the socket.")
            .query("after", "A cursor: what was written before it is not sent again.")
            .query("cursor", "boolean", "Whether a cursor follows each output, as a text frame.")
            .query("cols", "integer", "Columns; default 80.")
            .query("rows", "integer", "Rows; default 24.")
            .query("shell", "Program; default bash, or sh where there is none.")
            .query("cwd", "Directory; default /workspace.")
            .query("user", "User to run as; default root.")
            .webSocket()
            .run(this::stream),
        ProcessesApi.declare(
                Operation.delete("/sandboxes/:id/terminal/:session_id"),
                "terminal",
                "Closes a terminal.")
            .id("sandboxes.terminals.close")
            .idempotency(Idempotency.NATURAL)
            .run(this::close));
  }

  private Session open(Call call, Open body) {
    int cols = body.cols() == null ? 80 : body.cols();
    int rows = body.rows() == null ? 24 : body.rows();
    CommandSpec.Builder shell = shell(body.shell(), body.cwd(), body.user(), cols, rows);
    Process process = start(call, shell.putAllEnv(Commands.env(body.env())).build(), false);
    String id = Handle.of(process);
    String scheme = call.scheme().equals("https") ? "wss" : "ws";
    String url =
        scheme
            + "://"
            + call.host()
            + "/api/v1/sandboxes/"
            + process.getWorkloadId()
            + "/terminal/stream?session_id="
            + id;
    return new Session(id, id, url, cols, rows);
  }

  private void stream(Call call) {
    String session = call.query("session_id");
    Process process;
    boolean own = session == null || session.isEmpty();
    if (session == null || session.isEmpty()) {
      int cols = call.queryInt("cols", 1, LARGEST).orElse(80);
      int rows = call.queryInt("rows", 1, LARGEST).orElse(24);
      CommandSpec.Builder shell =
          shell(call.query("shell"), call.query("cwd"), call.query("user"), cols, rows);
      process = start(call, shell.build(), true);
    } else {
      process = find(call, session);
    }
    String after = call.query("after");
    Cursor from =
        after == null || own
            ? Cursor.START
            : Cursor.parse(after)
                .orElseThrow(() -> AtollException.of(ErrorCode.INVALID_PARAM, "after"));
    boolean cursors = call.queryFlag("cursor", false);
    call.webSocket(List.of(), new TerminalTalk(node, process, own, from.after(), cursors));
  }

  private void close(Call call) {
    node.processes().hangUp(find(call, call.rawPath("session_id")));
  }

  private Process find(Call call, String session) {
    Handle handle = Handle.parse(session);
    Process found;
    try {
      found =
          sandboxes.awake(
              call.principal(),
              call.path("id"),
              sandbox ->
                  node.processes()
                      .getProcess(
                          ProcessRef.newBuilder()
                              .setWorkloadId(sandbox.id())
                              .setPid(handle.pid())
                              .setWakes(true)
                              .build()));
    } catch (AtollException refused) {
      throw refused.code() == ErrorCode.NOT_FOUND
          ? AtollException.of(ErrorCode.PROCESS_NOT_FOUND, session)
          : refused;
    }
    return handle.check(found, NAME);
  }

  private Process start(Call call, CommandSpec command, boolean own) {
    return sandboxes.awake(
        call.principal(),
        call.path("id"),
        sandbox ->
            node.processes()
                .start(
                    StartRequest.newBuilder()
                        .setWorkloadId(sandbox.id())
                        .setCommand(command)
                        .setName(NAME)
                        // Also when this process is not there to end it, or the sandbox is paused.
                        .setEndsWithReader(own)
                        .build()));
  }

  private static CommandSpec.Builder shell(
      @Nullable String shell, @Nullable String cwd, @Nullable String user, int cols, int rows) {
    boolean usual = shell == null || shell.isEmpty();
    // The usual one is what agents of earlier versions run, which cannot choose.
    String program = shell == null || shell.isEmpty() ? "/bin/bash" : shell;
    if (program.length() > 4096 || program.indexOf('\0') >= 0) {
      throw AtollException.invalid("shell", "holds NUL or is too long");
    }
    return CommandSpec.newBuilder()
        .addWords(program)
        .setLoginShell(usual)
        .setCwd(Commands.directory(cwd))
        .setUser(Commands.user(user))
        .setTerminal(true)
        .setKeepStdinOpen(true)
        .setRows(rows)
        .setCols(cols);
  }
}
