package com.atoll.server.code;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.InputRequest;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.WhenTimeIsOver;
import com.atoll.server.code.Contexts.Context;
import com.atoll.server.code.Interpreters.Ask;
import com.atoll.server.code.Interpreters.Listener;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import com.atoll.server.machines.OutputRecord;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Runs cells, one after the other in each context. */
final class Cells {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int OUTPUT = 1 << 20;
  private static final int NO_INTERPRETER = 127;

  /** The most that a node takes in at once. */
  private static final int MOST_INPUT = 1 << 20;

  /** An interpreter that ends cells itself does so after it was interrupted from here. */
  private static final int LATER_MS = 250;

  private final NodeClient node;
  private final Contexts contexts;
  private final Turns turns = new Turns();
  private final Unfinished unfinished = new Unfinished();

  Cells(NodeClient node, Contexts contexts) {
    this.node = node;
    this.contexts = contexts;
  }

  /** Runs a cell in a context of a sandbox that runs. */
  Cell run(String sandboxId, Ask ask, Listener listener) {
    String key = sandboxId + ":" + ask.language().wire() + ":" + ask.context();
    try (var _ = turns.take(key, ask.timeoutMs())) {
      listener.begins();
      Context context = contexts.require(sandboxId, ask);
      return run(key, context, ask, listener);
    }
  }

  private Cell run(String key, Context context, Ask ask, Listener listener) {
    long timeoutMs = ask.timeoutMs();
    Process process = context.process();
    String nonce = UUID.randomUUID().toString().replace("-", "");
    Displays displays = new Displays(listener);
    Capture stdout = new Capture(nonce, OUTPUT, displays);
    Capture stderr = new Capture(nonce, OUTPUT, text -> listener.wrote(true, text));
    long start = System.nanoTime();
    Unfinished.@Nullable One before = unfinished.take(key, process);
    long after = before == null ? process.getLastSequence() : before.after();
    WhenTimeIsOver over = ask.breaksOff() ? WhenTimeIsOver.BREAKS_OFF : WhenTimeIsOver.WAITS;
    Unfinished.@Nullable One left = before;
    try (NodeStream records = contexts.follow(process, after, over);
        Interrupter interrupter = new Interrupter(node, process, timeoutMs)) {
      listener.runs(interrupter::now);
      OutputRecord.Reader reader = new OutputRecord.Reader(records);
      @Nullable Integer exit = before == null ? null : skip(reader, before.nonce());
      left = null;
      if (exit == null && !interrupter.timedOut()) {
        left = new Unfinished.One(process, nonce, after);
        send(process, nonce, ask);
        exit = read(reader, stdout, stderr, displays);
        left = null;
      }
      if (exit != null && exit == NO_INTERPRETER && !stdout.isEnded()) {
        throw AtollException.invalid(
            "language", "has no interpreter in this sandbox: " + context.language().wire());
      }
      Answer answer = stdout.isEnded() ? Answer.read(stdout.answer()) : ended(exit);
      displays.end(answer);
      return new Cell(
          answer.ok() && !interrupter.timedOut(),
          stdout.text(),
          stderr.text(),
          answer.result(),
          answer.text(),
          displays.kept(),
          interrupter.timedOut() ? timedOut(answer, timeoutMs) : answer.error(),
          context.language().wire(),
          context.name(),
          answer.number(),
          interrupter.timedOut(),
          exit != null,
          stdout.isCut() || stderr.isCut() || displays.isCut(),
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    } catch (IOException broken) {
      if (ask.breaksOff() && left != null) {
        unfinished.keep(key, left);
      }
      throw AtollException.causedBy(broken, ErrorCode.NODE_UNAVAILABLE);
    }
  }

  private void send(Process process, String nonce, Ask ask) {
    // A field of a request is never empty.
    String code = ask.code().isEmpty() ? " " : ask.code();
    String cell = base64(ask.language().with(ask.env(), code));
    String env = base64(JSON.writeValueAsString(ask.env()));
    ByteString line =
        ByteString.copyFromUtf8(
            String.join(
                " ",
                nonce,
                cell,
                Long.toString(ask.timeoutMs() + LATER_MS),
                env,
                ask.tables() ? "tables\n" : "\n"));
    for (int at = 0; at < line.size(); at += MOST_INPUT) {
      try {
        write(process, line.substring(at, Math.min(line.size(), at + MOST_INPUT)));
      } catch (AtollException refused) {
        if (at > 0) {
          // The next cell would be taken for the rest of this one.
          Interrupter.kill(node, process);
        }
        throw refused;
      }
    }
  }

  private void write(Process process, ByteString part) {
    node.processes()
        .writeInput(
            InputRequest.newBuilder()
                .setWorkloadId(process.getWorkloadId())
                .setPid(process.getPid())
                .setData(part)
                .build());
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Waits for the end of a cell that nobody waits for; the exit code of a context that ended. */
  private static @Nullable Integer skip(OutputRecord.Reader reader, String nonce)
      throws IOException {
    Displays nobodys = new Displays(Listener.NONE);
    return read(
        reader, new Capture(nonce, 0, text -> {}), new Capture(nonce, 0, text -> {}), nobodys);
  }

  /** Reads to the marks of the cell; the exit code when the context ended before both. */
  private static @Nullable Integer read(
      OutputRecord.Reader reader, Capture stdout, Capture stderr, Displays displays)
      throws IOException {
    boolean gap = false;
    // The mark on standard error is written first: what was lost may have been it.
    while (!stdout.isEnded() || !(stderr.isEnded() || gap)) {
      OutputRecord record = reader.next();
      if (record == null) {
        throw new IOException("The output of a context broke off.");
      }
      switch (record.stream()) {
        case OutputRecord.STDOUT -> stdout.add(record.bytes());
        case OutputRecord.STDERR -> stderr.add(record.bytes());
        case OutputRecord.EXIT -> {
          return JSON.readTree(record.bytes()).path("exit_code").asInt(0);
        }
        case OutputRecord.GAP -> {
          gap = true;
          stdout.gap();
          stderr.gap();
          displays.lost("Output was lost: it was written faster than it was read.");
        }
        default -> {}
      }
    }
    return null;
  }

  private static Answer ended(@Nullable Integer exit) {
    return new Answer(
        false,
        0,
        null,
        null,
        List.of(),
        Answer.failure("ContextEnded", "The context ended with exit code " + exit + "."),
        false,
        false);
  }

  private static Cell.Failure timedOut(Answer answer, long timeoutMs) {
    Cell.Failure error = answer.error();
    return new Cell.Failure(
        "TimeoutError",
        String.format(Locale.ROOT, "The cell took longer than %.1f s.", timeoutMs / 1000.0),
        error == null ? "" : error.traceback());
  }
}
