package com.atoll.server.files;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.OpenWriteManyRequest;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Several files on their way into a sandbox, {@code proto/streams.md}. One is sent after the other
 * and then let go of; none has its name before {@link #finish}. Closed before, nothing is written.
 */
final class ManyWrite implements AutoCloseable {
  private static final int BUFFER = 256 << 10;
  private static final int LONGEST_ANSWER = 8 << 20;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final NodeStream stream;
  private final DataOutputStream out;

  private ManyWrite(NodeStream stream) {
    this.stream = stream;
    out = new DataOutputStream(new BufferedOutputStream(stream.output(), BUFFER));
  }

  /**
   * Begins.
   *
   * @param atomic all of them or none
   * @throws AtollException NOT_IMPLEMENTED, also by what follows, when the agent of the sandbox is
   *     of a version that cannot
   */
  static ManyWrite open(NodeClient node, String sandbox, boolean atomic) {
    return new ManyWrite(
        node.redeem(
            node.files()
                .openWriteMany(
                    OpenWriteManyRequest.newBuilder()
                        .setWorkloadId(sandbox)
                        .setAtomic(atomic)
                        .build())));
  }

  /** Sends the next one. */
  void add(SandboxPath path, int mode, byte[] content) {
    byte[] header =
        JSON.writeValueAsBytes(
            JSON.createObjectNode()
                .put("path", path.value())
                .put("mode", mode)
                .put("size", content.length));
    send(() -> {
      out.writeInt(header.length);
      out.write(header);
      out.write(content);
    });
  }

  /** Puts them in place. Answers why some could not be, by their place in the order of sending. */
  Map<Integer, String> finish() {
    send(() -> {
      out.writeInt(0);
      out.flush();
    });
    try {
      long length = stream.finish();
      if (length < 0 || length > LONGEST_ANSWER) {
        throw new IOException("The node's answer is of no length that it may have.");
      }
      byte[] answer = stream.input().readNBytes((int) length);
      Map<Integer, String> failed = new HashMap<>();
      for (JsonNode each : JSON.readTree(answer).path("failed")) {
        failed.put(each.path("at").asInt(-1), each.path("message").asString(""));
      }
      return failed;
    } catch (IOException | JacksonException broken) {
      throw AtollException.causedBy(broken, ErrorCode.NODE_UNAVAILABLE);
    }
  }

  private interface Send {
    void run() throws IOException;
  }

  private void send(Send what) {
    try {
      what.run();
    } catch (IOException broken) {
      stream.explain();
      throw AtollException.causedBy(broken, ErrorCode.NODE_UNAVAILABLE);
    }
  }

  @Override
  public void close() {
    stream.close();
  }
}
