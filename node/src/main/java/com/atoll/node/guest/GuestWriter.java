package com.atoll.node.guest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Bytes on their way into a file. Closed before {@link #commit}, the file stays as it was. */
public final class GuestWriter implements WritableByteChannel {
  private static final int MAX_CHUNK = 256 << 10;

  private final Connection connection;
  private final GuestStream stream;
  private final ByteBuffer head = ByteBuffer.allocate(4);

  GuestWriter(Connection connection) {
    this.connection = connection;
    this.stream = connection.detach().timed(GuestClient.STALL);
    stream.widen();
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    int total = from.remaining();
    try {
      while (from.hasRemaining()) {
        ByteBuffer chunk = from.slice(from.position(), Math.min(from.remaining(), MAX_CHUNK));
        from.position(from.position() + chunk.remaining());
        stream.writeFully(head.clear().putInt(chunk.remaining()).flip(), chunk);
      }
    } catch (IOException broken) {
      // The guest ends the connection when it refuses the rest: it says why.
      connection.answer(GuestClient.STALL);
      throw broken;
    }
    return total;
  }

  /** Puts the file in place. Throws what the guest refused it with. */
  public FileInfo commit() throws IOException {
    return Answers.file(end().path("info"));
  }

  /** Puts several files in place; answers those that could not be. */
  public List<WriteFailure> commitMany() throws IOException {
    return Answers.failures(end());
  }

  private JsonNode end() throws IOException {
    try {
      stream.writeFully(head.clear().putInt(0).flip());
    } catch (IOException broken) {
      connection.answer(GuestClient.STALL);
      throw broken;
    }
    return connection.answer(GuestClient.LONG);
  }

  @Override
  public boolean isOpen() {
    return stream.isOpen();
  }

  @Override
  public void close() {
    connection.close();
  }
}
