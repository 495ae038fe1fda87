package com.atoll.edge.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.concurrent.TimeUnit;

/**
 * Tells how long a client's connection has been silent. Progress of what is being sent counts too:
 * a slow download is not an idle connection.
 */
final class FrontClock {
  private final Limits limits;
  private long lastByteAt = System.nanoTime();
  private long headerSince;
  private long pending;
  private long progress;

  /** What has run out. */
  enum Verdict {
    FINE,
    SLOW_HEADER,
    SLOW_BODY,
    SILENT,
    IDLE
  }

  FrontClock(Limits limits) {
    this.limits = limits;
  }

  void byteSeen() {
    lastByteAt = System.nanoTime();
  }

  /** A byte came in between two requests: the headers of the next one have begun. */
  void headerByteSeen() {
    lastByteAt = System.nanoTime();
    if (headerSince == 0) {
      headerSince = lastByteAt;
    }
  }

  void headerComplete() {
    headerSince = 0;
  }

  boolean isInHeader() {
    return headerSince != 0;
  }

  /** Between two requests. */
  Verdict whileIdle(Channel channel) {
    observe(channel);
    if (headerSince != 0 && millisSince(headerSince) > limits.headerTime().toMillis()) {
      return Verdict.SLOW_HEADER;
    }
    return silence() > limits.keepAlive().toMillis() ? Verdict.IDLE : Verdict.FINE;
  }

  /** During a request; {@code owesBody} when the client owes us a part of it and we wait. */
  Verdict whileBusy(Channel channel, boolean owesBody, long pauseMs) {
    observe(channel);
    if (owesBody && silence() > limits.bodyPause().toMillis()) {
      return Verdict.SLOW_BODY;
    }
    return silence() > pauseMs ? Verdict.SILENT : Verdict.FINE;
  }

  private void observe(Channel channel) {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    if (buffer == null) {
      return;
    }
    long nowPending = buffer.totalPendingWriteBytes();
    long nowProgress = buffer.currentProgress();
    if (nowPending != pending || nowProgress != progress) {
      pending = nowPending;
      progress = nowProgress;
      lastByteAt = System.nanoTime();
    }
  }

  private long silence() {
    return millisSince(lastByteAt);
  }

  private static long millisSince(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
  }
}
