package com.atoll.server.code;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.ListProcessesRequest;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.ProcessState;
import com.atoll.node.v1.RecordsRequest;
import com.atoll.node.v1.StartRequest;
import com.atoll.node.v1.Ticket;
import com.atoll.node.v1.WhenTimeIsOver;
import com.atoll.node.v1.WriteSmallRequest;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import com.atoll.server.machines.OutputRecord;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The interpreters of a sandbox. Each is one process inside, found by its name, so that nothing
 * here needs to be remembered.
 */
final class Contexts {
  private static final String PREFIX = "code:";
  private static final int MOST = 32;
  private static final Duration END = Duration.ofSeconds(5);

  private final NodeClient node;

  Contexts(NodeClient node) {
    this.node = node;
  }

  /** A context that lives. */
  record Context(Language language, String name, Process process) {}

  /** Every context of a sandbox. */
  List<Context> list(String sandboxId) {
    return node
        .processes()
        .listProcesses(ListProcessesRequest.newBuilder().setWorkloadId(sandboxId).build())
        .getProcessesList()
        .stream()
        .filter(process -> process.getState() == ProcessState.PROCESS_RUNNING)
        .flatMap(process -> context(process).stream())
        .toList();
  }

  private static Optional<Context> context(Process process) {
    String[] words = process.getName().split(":", 3);
    if (words.length != 3 || !process.getName().startsWith(PREFIX)) {
      return Optional.empty();
    }
    for (Language language : Language.values()) {
      if (language.wire().equals(words[1])) {
        return Optional.of(new Context(language, words[2], process));
      }
    }
    return Optional.empty();
  }

  /** The context that a cell is for, started when there is none. */
  Context require(String sandboxId, Interpreters.Ask ask) {
    Language language = ask.language();
    String name = ask.context();
    List<Context> all = list(sandboxId);
    for (Context context : all) {
      if (context.language == language && context.name.equals(name)) {
        return context;
      }
    }
    if (all.size() >= MOST) {
      throw AtollException.withMessage(
          ErrorCode.RESOURCE_STATE,
          "A sandbox has at most " + MOST + " contexts; end one that is not needed.");
    }
    return new Context(language, name, start(sandboxId, ask));
  }

  private Process start(String sandboxId, Interpreters.Ask ask) {
    Language language = ask.language();
    CommandSpec.Builder command =
        CommandSpec.newBuilder()
            .addAllWords(List.of("/bin/sh", "-c", language.command()))
            // Other shells than bash drop variables that they cannot assign to.
            .setLoginShell(true)
            .setKeepStdinOpen(true);
    if (ask.directory() != null) {
      command.setCwd(ask.directory());
    }
    command.putAllEnv(ask.begins());
    node.files()
        .writeSmall(
            WriteSmallRequest.newBuilder()
                .setWorkloadId(sandboxId)
                .setPath(language.path())
                .setContent(ByteString.copyFrom(language.program()))
                .build());
    return node.processes()
        .start(
            StartRequest.newBuilder()
                .setWorkloadId(sandboxId)
                .setName(PREFIX + language.wire() + ":" + ask.context())
                .setCommand(command)
                .build());
  }

  /** What a context writes from now on. */
  private NodeStream follow(Process process) {
    return follow(process, process.getLastSequence(), WhenTimeIsOver.WAITS);
  }

  /** What a context writes after a record. */
  NodeStream follow(Process process, long after, WhenTimeIsOver whenTimeIsOver) {
    Ticket ticket =
        node.processes()
            .openRecords(
                RecordsRequest.newBuilder()
                    .setWorkloadId(process.getWorkloadId())
                    .setPid(process.getPid())
                    .setAfterSequence(after)
                    .setFollow(true)
                    .setWhenTimeIsOver(whenTimeIsOver)
                    .build());
    return node.redeem(ticket);
  }

  /** Ends a context and waits until it is gone, so that the next cell finds none. */
  void end(Context context) {
    CountDownLatch gone = new CountDownLatch(1);
    try (NodeStream records = follow(context.process)) {
      Thread.ofVirtual().start(() -> closeLater(records, gone));
      Interrupter.kill(node, context.process);
      OutputRecord.Reader reader = new OutputRecord.Reader(records);
      @Nullable OutputRecord record = reader.next();
      while (record != null && record.stream() != OutputRecord.EXIT) {
        record = reader.next();
      }
    } catch (IOException broken) {
      throw AtollException.causedBy(broken, ErrorCode.NODE_UNAVAILABLE);
    } finally {
      gone.countDown();
    }
  }

  private static void closeLater(NodeStream records, CountDownLatch gone) {
    try {
      if (!gone.await(END.toMillis(), TimeUnit.MILLISECONDS)) {
        records.close();
      }
    } catch (InterruptedException stopped) {
      records.close();
    }
  }
}
