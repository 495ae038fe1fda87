package com.atoll.server.commands;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Operation;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The log of a sandbox. */
final class LogsApi {
  private static final int USUAL_LINES = 100;
  private static final int MOST_LINES = 10_000;

  private final Sandboxes sandboxes;
  private final NodeClient node;

  LogsApi(Sandboxes sandboxes, NodeClient node) {
    this.sandboxes = sandboxes;
    this.node = node;
  }

  /** The last lines of a log. */
  record Tail(
      @Doc("Lines, oldest first.") List<String> lines,
      @Doc("The same as one text.") String logs,
      @Doc("The same with what wrote each, and when.") List<SandboxLog.Line> entries) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/sandboxes/:id/logs")
            .id("sandboxes.logs")
            .summary("Shows the last lines that the processes of a sandbox wrote; wakes none.")
            .priority("P2")
            .scope("sandboxes:read")
            .query("lines", "integer", "How many lines; default 100.")
            .errors(
                ErrorCode.SANDBOX_NOT_FOUND,
                ErrorCode.SANDBOX_DESTROYED,
                ErrorCode.SANDBOX_NOT_RUNNING,
                ErrorCode.NODE_UNAVAILABLE)
            .response(Tail.class, Envelope.FLAT_MIRROR)
            .handle(this::tail),
        Operation.get("/sandboxes/:id/logs/stream")
            .id("sandboxes.logs_stream")
            .summary("Streams what the processes of a sandbox write, line by line.")
            .priority("P2")
            .scope("sandboxes:read")
            .query(
                "lines",
                "integer",
                "How many lines of before come first; all when absent. Who resumes has those after"
                    + " his event.")
            .query("last_event_id", "As the header Last-Event-ID: where the stream resumes.")
            .query("ticket", "A ticket instead of a key, for EventSource.")
            .errors(
                ErrorCode.SANDBOX_NOT_FOUND,
                ErrorCode.SANDBOX_DESTROYED,
                ErrorCode.SANDBOX_NOT_RUNNING,
                ErrorCode.NODE_UNAVAILABLE)
            .events()
            .run(this::stream));
  }

  private Tail tail(Call call) {
    int lines = call.queryInt("lines", 1, MOST_LINES).orElse(USUAL_LINES);
    List<SandboxLog.Line> entries =
        sandboxes.look(
            call.principal(),
            call.path("id"),
            sandbox -> SandboxLog.tail(node, sandbox.id(), lines));
    List<String> texts = entries.stream().map(SandboxLog.Line::line).toList();
    return new Tail(
        texts, texts.stream().map(line -> line + "\n").collect(Collectors.joining()), entries);
  }

  private void stream(Call call) throws Exception {
    Optional<LogCursor> resumed = LogCursor.parse(call.lastEventId());
    int wanted = call.queryInt("lines", 0, MOST_LINES).orElse(LogFollower.ALL);
    int lines = resumed.isPresent() ? LogFollower.ALL : wanted;
    LogCursor cursor = resumed.orElseGet(() -> new LogCursor(0));
    Sandbox sandbox = sandboxes.awake(call.principal(), call.path("id"), awake -> awake);
    String id = sandbox.id();
    try (LogFollower follower =
        new LogFollower(
            node, call.events(), cursor, lines, () -> sandboxes.require(call.principal(), id))) {
      follower.run(id);
    }
  }
}
