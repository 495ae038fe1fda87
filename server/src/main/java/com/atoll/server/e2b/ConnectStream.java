package com.atoll.server.e2b;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * The messages of a streamed answer. A write waits while the client does not read, and a sign of
 * life goes out when the client asked for one.
 */
final class ConnectStream implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectStream.class);

  private final OutputStream out;
  private final ReentrantLock writing = new ReentrantLock();
  private final CountDownLatch closed = new CountDownLatch(1);
  private boolean begun;
  private volatile boolean expired;

  ConnectStream(OutputStream out) {
    this.out = out;
  }

  /** Sends this message every so many seconds until the stream is closed. */
  void beat(long seconds, String json) {
    byte[] message = Envelopes.message(json.getBytes(StandardCharsets.UTF_8));
    Thread.ofVirtual()
        .name("connect-beat")
        .start(() -> {
          try {
            while (!closed.await(seconds, TimeUnit.SECONDS)) {
              write(message);
            }
          } catch (InterruptedException | UncheckedIOException gone) {
            LOG.trace("The client of a stream has gone.");
          }
        });
  }

  /**
   * Ends what the messages come from once so much time has gone by, unless the stream was closed
   * before.
   *
   * @param millis 0 for never
   */
  void expire(long millis, Runnable source) {
    if (millis == 0) {
      return;
    }
    Thread.ofVirtual()
        .name("connect-deadline")
        .start(() -> {
          try {
            if (!closed.await(millis, TimeUnit.MILLISECONDS)) {
              expired = true;
              source.run();
            }
          } catch (InterruptedException ended) {
            LOG.trace("The deadline of a stream is nobody's any more.");
          }
        });
  }

  /** Whether its time was over before it came to its end. */
  boolean isExpired() {
    return expired;
  }

  /** Whether anything of the answer was sent. */
  boolean begun() {
    writing.lock();
    try {
      return begun;
    } finally {
      writing.unlock();
    }
  }

  /** Sends a message that is given in parts. */
  void send(byte[]... json) {
    write(Envelopes.message(json));
  }

  void send(JsonNode message) {
    send(message.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Ends the stream: well, or with an error that is the client's to see. */
  void end(JsonNode trailer) {
    closed.countDown();
    write(Envelopes.end(trailer.toString().getBytes(StandardCharsets.UTF_8)));
  }

  private void write(byte[] frame) {
    writing.lock();
    try {
      begun = true;
      out.write(frame);
      out.flush();
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    } finally {
      writing.unlock();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    writing.lock();
    try {
      out.close();
    } catch (IOException gone) {
      LOG.trace("The client of a stream has gone.");
    } finally {
      writing.unlock();
    }
  }
}
