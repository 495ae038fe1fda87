package com.atoll.node.runtime;

import com.atoll.node.faults.NodeFault;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
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

  /** Starts the container of a bundle and answers its process 1. */
  long start(Bundle bundle, Path folder, Path state, Path guestSocket, String cgroup) {
    Map<String, Object> overlay =
        Map.of(
            "lowers", bundle.image().lowers().stream().map(Path::toString).toList(),
            "upper", bundle.tree().upper().toString(),
            "work", bundle.tree().work().toString(),
            "target", root(folder).toString());
    Map<String, Object> request =
        new HashMap<>(
            Map.of(
                "v", 1,
                "op", "start",
                "id", bundle.machine(),
                "state_root", state.toString(),
                "bundle", folder.toString(),
                "overlay", overlay,
                "uid_base", bundle.slot().uidBase(),
                "listen", guestSocket.toString(),
                "timeout_ms", 30_000));
    if (bundle.image().nesting()) {
      request.put(
          "nesting",
          Map.of(
              "network", bundle.slot().netns(),
              "address", bundle.slot().address().getHostAddress(),
              "gateway", bundle.slot().gateway().getHostAddress(),
              "cgroup", cgroup));
    }
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
