package com.atoll.edge.gateway;

import com.atoll.edge.traffic.Account;
import com.atoll.edge.traffic.Journal;
import com.atoll.edge.traffic.Served;
import com.atoll.edge.traffic.Traffic;
import io.netty.channel.ChannelProgressiveFuture;
import io.netty.channel.ChannelProgressiveFutureListener;
import io.netty.handler.codec.http.HttpResponse;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One request to a deployment or a sandbox, while it is served. */
final class Visit {
  private static final String REQUEST_ID = "x-request-id";
  private static final int LONGEST_ID = 64;
  private static final int CLIENT_LEFT = 499;

  private final Request request;
  private final Traffic.@Nullable Count count;
  private final Journal journal;
  private final long beganNanos;
  private final long beganMillis = System.currentTimeMillis();
  private Account account;
  private int status = CLIENT_LEFT;
  private String requestId = "";
  private boolean tunnel;
  private long received;
  private long sent;
  private int regions;
  private boolean ended;

  Visit(
      Account account,
      Request request,
      Traffic.@Nullable Count count,
      Journal journal,
      long beganNanos) {
    this.account = account;
    this.request = request;
    this.count = count;
    this.journal = journal;
    this.beganNanos = beganNanos;
  }

  /** It goes to another version meanwhile. */
  void movesTo(Account now) {
    account = now;
  }

  String id() {
    return account.id();
  }

  void received(int bytes) {
    received += bytes;
    if (count != null) {
      count.received(bytes);
    }
  }

  void sent(long bytes) {
    sent += bytes;
    if (count != null) {
      count.sent(bytes);
    }
  }

  /** The answer begins; one of a deployment has a name by which it can be found. */
  void answered(HttpResponse response) {
    status = response.status().code();
    tunnel = status == 101;
    if (!account.version().isEmpty()) {
      String given = response.headers().get(REQUEST_ID);
      if (given == null) {
        given = "req_" + Long.toString(ThreadLocalRandom.current().nextLong(Long.MAX_VALUE), 36);
        response.headers().set(REQUEST_ID, given);
      }
      requestId = given.length() > LONGEST_ID ? given.substring(0, LONGEST_ID) : given;
    }
  }

  /** Counts a part of a file while it is sent, which may be after the end of everything else. */
  ChannelProgressiveFutureListener region() {
    regions++;
    return new ChannelProgressiveFutureListener() {
      private long counted;

      @Override
      public void operationProgressed(ChannelProgressiveFuture future, long progress, long total) {
        sent(progress - counted);
        counted = progress;
      }

      @Override
      public void operationComplete(ChannelProgressiveFuture future) {
        regions--;
        if (ended && regions == 0) {
          finish();
        }
      }
    };
  }

  /** It is over. */
  void end() {
    if (!ended) {
      ended = true;
      if (regions == 0) {
        finish();
      }
    }
  }

  private void finish() {
    if (count != null) {
      count.close();
    }
    if (!account.version().isEmpty()) {
      journal.done(
          new Served(
              account,
              beganMillis,
              request.method().name(),
              request.host(),
              request.path(),
              status,
              received,
              sent,
              TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - beganNanos),
              request.peer(),
              requestId,
              tunnel));
    }
  }
}
