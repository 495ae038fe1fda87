package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.FileInfo;
import com.atoll.node.v1.FileType;
import com.atoll.node.v1.ListDirectoryRequest;
import com.atoll.node.v1.PathRequest;
import com.atoll.node.v1.Port;
import com.atoll.node.v1.ReadSmallRequest;
import com.atoll.node.v1.RunRequest;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.server.machines.NodeClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A sandbox on a node. What it says is believed for its own publish only. */
final class SandboxSource implements Source {
  private static final int LARGEST_READ = 256 << 10;
  private static final int MOST_LISTENERS = 20;

  /** Workers of a process pool have command lines that start nothing: their parent's does. */
  private static final String DESCRIBE =
      """
      for p in PIDS; do q=$p; n=0
        while [ $n -lt 8 ] && tr '\\0' ' ' </proc/$q/cmdline | grep -q multiprocessing; do
          q=$(awk '/^PPid:/{print $2}' /proc/$q/status); n=$((n+1)); done
        echo "$p $(base64 -w0 </proc/$q/cmdline) $(readlink /proc/$q/cwd | tr -d '\\n' | base64 -w0)"
      done 2>/dev/null
      """;

  private final NodeClient node;
  private final String sandbox;

  SandboxSource(NodeClient node, String sandbox) {
    this.node = node;
    this.sandbox = sandbox;
  }

  @Override
  public boolean isDirectory(String path) {
    return type(path) == FileType.DIRECTORY;
  }

  @Override
  public boolean isFile(String path) {
    return type(path) == FileType.FILE;
  }

  private FileType type(String path) {
    try {
      return node.files()
          .stat(
              PathRequest.newBuilder().setWorkloadId(sandbox).setPath(path).setFollow(true).build())
          .getType();
    } catch (AtollException refused) {
      return absent(refused, FileType.FILE_TYPE_UNSPECIFIED);
    }
  }

  @Override
  public @Nullable String read(String path) {
    if (!isFile(path)) {
      return null;
    }
    try {
      return node.files()
          .readSmall(
              ReadSmallRequest.newBuilder()
                  .setWorkloadId(sandbox)
                  .setPath(path)
                  .setLimit(LARGEST_READ)
                  .build())
          .getContent()
          .toString(StandardCharsets.UTF_8);
    } catch (AtollException refused) {
      if (refused.code() == ErrorCode.TOO_LARGE) {
        return "";
      }
      return absent(refused, "").isEmpty() ? null : "";
    }
  }

  @Override
  public List<String> directories(String path) {
    try {
      return node
          .files()
          .listDirectory(
              ListDirectoryRequest.newBuilder()
                  .setWorkloadId(sandbox)
                  .setPath(path)
                  .setDepth(1)
                  .setLimit(1000)
                  .build())
          .getEntriesList()
          .stream()
          .filter(entry -> entry.getType() == FileType.DIRECTORY)
          .map(FileInfo::getPath)
          .map(name -> name.substring(name.lastIndexOf('/') + 1))
          .toList();
    } catch (AtollException refused) {
      return absent(refused, List.of());
    }
  }

  @Override
  public List<Listener> listeners() {
    List<Port> ports =
        node
            .ports()
            .listeningPorts(WorkloadRef.newBuilder().setId(sandbox).build())
            .getPortsList()
            .stream()
            .filter(port -> port.getPid() > 1)
            .limit(MOST_LISTENERS)
            .toList();
    if (ports.isEmpty()) {
      return List.of();
    }
    String pids =
        ports.stream()
            .map(p -> Long.toString(p.getPid()))
            .distinct()
            .collect(Collectors.joining(" "));
    CommandSpec command =
        CommandSpec.newBuilder()
            .addAllWords(List.of("/bin/sh", "-c", DESCRIBE.replace("PIDS", pids)))
            .setCwd("/")
            .setTimeoutMs(5_000)
            .build();
    String output =
        node.processes()
            .run(RunRequest.newBuilder().setWorkloadId(sandbox).setCommand(command).build())
            .getStdout()
            .toString(StandardCharsets.UTF_8);
    Map<String, String> lines = new HashMap<>();
    output.lines().forEach(line -> lines.put(line.replaceAll(" .*", ""), line));
    List<Listener> listeners = new ArrayList<>();
    for (Port port : ports) {
      Listener listener = parse(port.getPort(), lines.get(Long.toString(port.getPid())));
      if (listener != null) {
        listeners.add(listener);
      }
    }
    return listeners;
  }

  private static @Nullable Listener parse(int port, @Nullable String line) {
    List<String> parts = line == null ? List.of() : Arrays.asList(line.split(" ", 3));
    if (parts.size() < 3) {
      return null;
    }
    try {
      String command = text(parts.get(1));
      String folder = text(parts.get(2));
      List<String> words = new ArrayList<>(Arrays.asList(command.split("\0", -1)));
      while (!words.isEmpty() && words.getLast().isEmpty()) {
        words.removeLast();
      }
      return folder.startsWith("/") ? new Listener(port, words, folder) : null;
    } catch (IllegalArgumentException notBase64) {
      return null;
    }
  }

  private static String text(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }

  private static <T> T absent(AtollException refused, T otherwise) {
    return switch (refused.code()) {
      case FILE_NOT_FOUND, NOT_FOUND, NOT_A_FILE, INVALID_PATH -> otherwise;
      default -> throw refused;
    };
  }
}
