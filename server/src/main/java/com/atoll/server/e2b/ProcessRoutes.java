package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.EnvName;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.InputRequest;
import com.atoll.node.v1.ListProcessesRequest;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.ProcessRef;
import com.atoll.node.v1.ProcessState;
import com.atoll.node.v1.ResizeRequest;
import com.atoll.node.v1.SignalRequest;
import com.atoll.node.v1.StartRequest;
import com.atoll.server.e2b.Admission.Guest;
import com.atoll.server.http.Call;
import com.atoll.server.machines.NodeClient;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The service {@code process.Process}: commands and terminals. */
final class ProcessRoutes {
  private static final int MOST_INPUT = 1 << 20;
  private static final int MOST_VARIABLES = 512;
  private static final int LARGEST_TERMINAL = 1000;
  private static final String SHELL = "/bin/bash";
  private static final String LINE = SHELL + " -l -c ";

  private final Connect connect;
  private final NodeClient node;
  private final Home home;
  private final ProcessOutput output;

  ProcessRoutes(Connect connect, NodeClient node, Home home) {
    this.connect = connect;
    this.node = node;
    this.home = home;
    output = new ProcessOutput(node);
  }

  void answer(Call call) throws IOException {
    switch (call.rawPath("method")) {
      case "Start" -> connect.streaming(call, (who, asked, out) -> start(call, who, asked, out));
      case "Connect" -> connect.streaming(call, (who, asked, out) -> join(call, who, asked, out));
      case "List" -> connect.unary(call, (who, asked) -> list(who));
      case "Update" -> connect.unary(call, this::update);
      case "SendInput" -> connect.unary(call, this::sendInput);
      case "StreamInput" -> connect.gathering(call, this::streamInput);
      case "SendSignal" -> connect.unary(call, this::sendSignal);
      case "CloseStdin" -> connect.unary(call, this::closeStdin);
      default -> throw AtollException.of(ErrorCode.NOT_FOUND, "such method of process.Process");
    }
  }

  private void start(Call call, Guest guest, JsonNode asked, ConnectStream stream)
      throws IOException {
    CommandSpec command = command(call, guest, asked);
    String tag = Fields.text(asked, "tag");
    Process process =
        guest.awake(id -> {
          StartRequest request =
              StartRequest.newBuilder()
                  .setWorkloadId(id)
                  .setCommand(command)
                  .setName(tag.length() > 128 ? tag.substring(0, 128) : tag)
                  .setHasReader(true)
                  .build();
          try {
            return node.processes().start(request);
          } catch (AtollException refused) {
            if (!Home.isUsual(command.getCwd()) || refused.code().status() >= 500) {
              throw startFailed(refused);
            }
            home.prepare(id);
            return node.processes().start(request);
          }
        });
    output.send(call, guest, process, command.getTerminal(), 0, 0, stream);
  }

  /** A folder to begin in that is not there is a wrong argument on this wire. */
  private static RuntimeException startFailed(AtollException refused) {
    return switch (refused.code()) {
      case FILE_NOT_FOUND, NOT_A_FILE ->
          new Connect.Failure(Code.INVALID_ARGUMENT, String.valueOf(refused.getMessage()));
      default -> refused;
    };
  }

  private static CommandSpec command(Call call, Guest guest, JsonNode asked) {
    Home.User user = guest.owner(Home.name(call));
    JsonNode config = Fields.of(asked, "process");
    String program = Fields.text(config, "cmd");
    if (program.isEmpty()) {
      throw AtollException.invalid("cmd", "is required");
    }
    CommandSpec.Builder command =
        CommandSpec.newBuilder()
            .addWords(program)
            .setUser(user.account())
            .setCwd(user.path(Fields.textOrNull(config, "cwd")).value())
            // The client's deadline is when the command is killed.
            .setTimeoutMs(Connect.timeoutMs(call))
            .setKeepStdinOpen(Fields.flag(asked, "stdin", true));
    for (JsonNode word : Fields.of(config, "args")) {
      command.addWords(word.asString(""));
    }
    if (user.account().isEmpty()) {
      command.putEnv("HOME", user.folder());
    }
    command.putAllEnv(guest.variables());
    JsonNode variables = Fields.of(config, "envs");
    if (variables.size() > MOST_VARIABLES) {
      throw AtollException.invalid("envs", "must have at most " + MOST_VARIABLES + " entries");
    }
    for (Map.Entry<String, JsonNode> one : variables.properties()) {
      String value = one.getValue().asString("");
      if (!EnvName.isName(one.getKey())) {
        throw AtollException.invalid("envs", EnvName.RULE);
      }
      if (value.indexOf('\0') >= 0) {
        throw AtollException.invalid("envs", "must not hold NUL");
      }
      command.putEnv(one.getKey(), value);
    }
    JsonNode terminal = Fields.of(asked, "pty");
    command.setTold(!terminal.isObject());
    if (terminal.isObject()) {
      JsonNode size = Fields.of(terminal, "size");
      command
          .setTerminal(true)
          .setKeepStdinOpen(true)
          .setCols(cells(size, "cols", 80))
          .setRows(cells(size, "rows", 24));
    }
    return command.build();
  }

  private static int cells(JsonNode size, String name, int otherwise) {
    int cells = Fields.number(size, name);
    return cells == 0 ? otherwise : Math.min(cells, LARGEST_TERMINAL);
  }

  private void join(Call call, Guest guest, JsonNode asked, ConnectStream stream)
      throws IOException {
    Process process = running(guest, asked);
    boolean terminal = process.getCommand().startsWith(SHELL + " -i");
    long deadlineMs = Connect.timeoutMs(call);
    output.send(call, guest, process, terminal, process.getLastSequence(), deadlineMs, stream);
  }

  private JsonNode list(Guest guest) {
    List<Process> all =
        guest.awake(id ->
            node.processes()
                .listProcesses(
                    ListProcessesRequest.newBuilder().setWorkloadId(id).setWakes(true).build())
                .getProcessesList());
    ObjectNode answer = Backend.object();
    ArrayNode processes = answer.putArray("processes");
    for (Process process : all) {
      if (process.getState() == ProcessState.PROCESS_RUNNING) {
        describe(processes.addObject(), process);
      }
    }
    return answer;
  }

  private static void describe(ObjectNode shown, Process process) {
    ObjectNode config = shown.put("pid", process.getPid()).putObject("config");
    if (!process.getName().isEmpty()) {
      shown.put("tag", process.getName());
    }
    String line = process.getCommand();
    if (line.startsWith(LINE)) {
      config.put("cmd", SHELL);
      config.putArray("args").add("-l").add("-c").add(line.substring(LINE.length()));
    } else {
      String[] words = line.split(" ", -1);
      config.put("cmd", words[0]);
      ArrayNode args = config.putArray("args");
      for (int i = 1; i < words.length; i++) {
        args.add(words[i]);
      }
    }
  }

  private JsonNode update(Guest guest, JsonNode asked) {
    Process process = running(guest, asked);
    JsonNode size = Fields.of(Fields.of(asked, "pty"), "size");
    if (size.isObject()) {
      guest.awake(id ->
          node.processes()
              .resizeTerminal(
                  ResizeRequest.newBuilder()
                      .setWorkloadId(id)
                      .setPid(process.getPid())
                      .setCols(cells(size, "cols", 80))
                      .setRows(cells(size, "rows", 24))
                      .build()));
    }
    return Backend.object();
  }

  private JsonNode sendInput(Guest guest, JsonNode asked) {
    write(guest, running(guest, asked), Fields.of(asked, "input"));
    return Backend.object();
  }

  private JsonNode streamInput(Guest guest, Connect.Messages requests) throws IOException {
    Process process = null;
    JsonNode message = requests.next();
    while (message != null) {
      JsonNode start = Fields.of(message, "start");
      JsonNode data = Fields.of(message, "data");
      if (start.isObject()) {
        process = running(guest, start);
      } else if (data.isObject()) {
        if (process == null) {
          throw AtollException.invalid("start", "must come first");
        }
        write(guest, process, Fields.of(data, "input"));
      }
      message = requests.next();
    }
    return Backend.object();
  }

  private void write(Guest guest, Process process, JsonNode input) {
    boolean terminal = !Fields.of(input, "pty").isMissingNode();
    ByteString bytes = Fields.bytes(input, terminal ? "pty" : "stdin");
    for (int at = 0; at < bytes.size(); at += MOST_INPUT) {
      write(guest, process, bytes.substring(at, Math.min(bytes.size(), at + MOST_INPUT)), false);
    }
  }

  private void write(Guest guest, Process process, ByteString bytes, boolean close) {
    guest.awake(id ->
        node.processes()
            .writeInput(
                InputRequest.newBuilder()
                    .setWorkloadId(id)
                    .setPid(process.getPid())
                    .setData(bytes)
                    .setClose(close)
                    .build()));
  }

  private JsonNode closeStdin(Guest guest, JsonNode asked) {
    write(guest, running(guest, asked), ByteString.EMPTY, true);
    return Backend.object();
  }

  private JsonNode sendSignal(Guest guest, JsonNode asked) {
    int signal = signal(Fields.of(asked, "signal"));
    Process process = running(guest, asked);
    guest.awake(id ->
        node.processes()
            .signal(
                SignalRequest.newBuilder()
                    .setWorkloadId(id)
                    .setPid(process.getPid())
                    .setSignal(signal)
                    .setGroup(true)
                    .setWakes(true)
                    .build()));
    return Backend.object();
  }

  private static int signal(JsonNode signal) {
    String name = signal.isNumber() ? Integer.toString(signal.asInt(0)) : signal.asString("");
    return switch (name) {
      case "SIGNAL_SIGTERM", "15" -> 15;
      case "SIGNAL_SIGKILL", "9" -> 9;
      default -> throw AtollException.invalid("signal", "must be SIGTERM or SIGKILL");
    };
  }

  /** The process that a request selects. One that has ended is not found. */
  private Process running(Guest guest, JsonNode asked) {
    JsonNode selector = Fields.of(asked, "process");
    String tag = Fields.text(selector, "tag");
    @Nullable Process found = tag.isEmpty() ? byPid(guest, selector) : byTag(guest, tag);
    if (found == null || found.getState() != ProcessState.PROCESS_RUNNING) {
      throw AtollException.of(
          ErrorCode.PROCESS_NOT_FOUND, "with this " + (tag.isEmpty() ? "pid" : "tag"));
    }
    return found;
  }

  private @Nullable Process byPid(Guest guest, JsonNode selector) {
    int pid = Fields.number(selector, "pid");
    try {
      return guest.awake(id ->
          node.processes()
              .getProcess(
                  ProcessRef.newBuilder().setWorkloadId(id).setPid(pid).setWakes(true).build()));
    } catch (AtollException refused) {
      if (refused.code().status() == 404) {
        return null;
      }
      throw refused;
    }
  }

  private @Nullable Process byTag(Guest guest, String tag) {
    return guest
        .awake(id ->
            node.processes()
                .listProcesses(
                    ListProcessesRequest.newBuilder().setWorkloadId(id).setWakes(true).build()))
        .getProcessesList()
        .stream()
        .filter(process -> process.getName().equals(tag))
        .filter(process -> process.getState() == ProcessState.PROCESS_RUNNING)
        .findFirst()
        .orElse(null);
  }
}
