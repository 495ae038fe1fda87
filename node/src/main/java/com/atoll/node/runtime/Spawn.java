package com.atoll.node.runtime;

import com.atoll.node.faults.NodeFault;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks the fork server ({@code proto/spawn.md}) to start containers. */
public final class Spawn {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int ANSWER_LIMIT = 64 * 1024;

  private final Path socket;

  /** Talks to the fork server at this socket. */
  public Spawn(Path socket) {
    this.socket = socket;
  }

  /** Where the root file system of a bundle is mounted, in the container's own namespace. */
  static Path root(Path folder) {
    return folder.resolve("rootfs");
  }

  /** The name under which the fork server shows a directory. */
  static String bindName(int number) {
    return "b" + number;
  }

  /** The directories that a machine sees besides its own files, as the fork server is told. */
  static List<Map<String, Object>> binds(Bundle bundle) {
    List<Map<String, Object>> binds = new ArrayList<>();
    for (Bundle.Directory directory : bundle.directories()) {
      binds.add(
          Map.of(
              "source",
              directory.source().toString(),
              "name",
              bindName(binds.size()),
              "read_only",
              directory.readOnly()));
    }
    return binds;
  }

  /**
   * Starts the container of a bundle and answers its process 1.
   *
   * @param ofDriver the fields that depend on the kind of isolation
   */
  long start(Bundle bundle, Path folder, Map<String, Object> ofDriver) {
    Map<String, Object> overlay =
        Map.of(
            "lowers", bundle.image().lowers().stream().map(Path::toString).toList(),
            "upper", bundle.tree().upper().toString(),
            "work", bundle.tree().work().toString(),
            "target", root(folder).toString());
    Map<String, Object> request = new LinkedHashMap<>(ofDriver);
    request.put("v", 1);
    request.put("op", "start");
    request.put("id", bundle.machine());
    request.put("bundle", folder.toString());
    request.put("overlay", overlay);
    request.put("uid_base", bundle.slot().uidBase());
    request.put("timeout_ms", 30_000);
    JsonNode answer;
    try {
      answer = ask(request);
    } catch (IOException e) {
      throw NodeFault.unavailable(
          "STARTING", "this node is just starting its fork server again: " + e.getMessage());
    }
    if (!answer.path("ok").asBoolean(false)) {
      throw new IllegalStateException(
          "container "
              + bundle.machine()
              + " did not start: "
              + answer.path("code").asString("")
              + " "
              + answer.path("message").asString(""));
    }
    return answer.path("pid").asLong();
  }

  private JsonNode ask(Map<String, Object> request) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      byte[] line = (JSON.writeValueAsString(request) + "\n").getBytes(StandardCharsets.UTF_8);
      ByteBuffer out = ByteBuffer.wrap(line);
      while (out.hasRemaining()) {
        channel.write(out);
      }
      ByteBuffer in = ByteBuffer.allocate(ANSWER_LIMIT);
      while (in.position() == 0 || in.get(in.position() - 1) != '\n') {
        if (!in.hasRemaining() || channel.read(in) < 0) {
          throw new IOException("the fork server's answer ended early");
        }
      }
      return JSON.readTree(new String(in.array(), 0, in.position(), StandardCharsets.UTF_8));
    }
  }
}
