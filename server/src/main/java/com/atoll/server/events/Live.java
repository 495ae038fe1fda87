package com.atoll.server.events;

import com.atoll.server.http.EventStream;

/**
 * What goes into one client's stream besides the log, as it happens. Its frames have no id: nobody
 * resumes after one.
 */
public interface Live extends AutoCloseable {
  /** Nothing. */
  Live NONE =
      new Live() {
        @Override
        public void sendTo(EventStream stream) {}

        @Override
        public void close() {}
      };

  /** Sends what comes, until it is closed. */
  void sendTo(EventStream stream) throws InterruptedException;

  /** Ends it. */
  @Override
  void close();
}
