package com.atoll.server.http;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;

/**
 * Where frames gather that go out together. There is a fixed amount of it, however many clients
 * read slowly: who gets none sends its frames one by one.
 */
final class FrameRoom {
  private static final int LARGE = 256 << 10;
  private static final int MOST = 16;

  private static final Semaphore LEFT = new Semaphore(MOST);
  private static final ConcurrentLinkedQueue<ByteBuffer> IDLE = new ConcurrentLinkedQueue<>();

  private FrameRoom() {}

  /** A buffer, and whether it is to be given back. */
  record Room(ByteBuffer buffer, boolean large) implements AutoCloseable {
    @Override
    public void close() {
      if (large) {
        IDLE.add(buffer);
        LEFT.release();
      }
    }
  }

  /** Room for at least so many bytes. */
  static Room take(int bytes) {
    if (bytes > LARGE || !LEFT.tryAcquire()) {
      return new Room(ByteBuffer.allocate(bytes), false);
    }
    ByteBuffer idle = IDLE.poll();
    return new Room(idle == null ? ByteBuffer.allocateDirect(LARGE) : idle.clear(), true);
  }
}
