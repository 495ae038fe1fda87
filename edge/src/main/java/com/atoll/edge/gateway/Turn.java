package com.atoll.edge.gateway;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How far the one request has come that a client's connection, or stream, is busy with. */
final class Turn {
  private static final int MOST_REROUTES = 5;

  private @Nullable Request request;
  private @Nullable Exchange exchange;
  private boolean undecided;
  private boolean received = true;
  private boolean responding;
  private boolean answered = true;
  private boolean keepAlive = true;
  private boolean expectsContinue;
  private boolean tunnel;
  private boolean broken;
  private int reroutes;
  private long discarded;

  /** A request begins. */
  void begin(boolean mayKeepAlive, boolean waitsForContinue) {
    received = false;
    answered = false;
    responding = false;
    discarded = 0;
    reroutes = 0;
    exchange = null;
    request = null;
    keepAlive = mayKeepAlive;
    expectsContinue = waitsForContinue;
  }

  /** Nothing is left of it: the next one may come. */
  void forget() {
    request = null;
  }

  @Nullable Request request() {
    return request;
  }

  /** The request that somebody works on. */
  Request accepted() {
    return Objects.requireNonNull(request);
  }

  void accept(Request checked) {
    request = checked;
  }

  boolean isOld() {
    return request != null && request.oldHttp();
  }

  /** The client has not sent its body and may never do so. */
  boolean mayKeepItsBody() {
    return !received && (expectsContinue || (request != null && request.isLong()));
  }

  /** Somebody is asked where it goes. */
  void undecided(boolean waits) {
    undecided = waits;
  }

  boolean isUndecided() {
    return undecided;
  }

  @Nullable Exchange exchange() {
    return exchange;
  }

  void run(Exchange started) {
    exchange = started;
  }

  /** Nobody works on it any more; who did, is told that the client has gone. */
  void abandon() {
    Exchange last = exchange;
    exchange = null;
    if (last != null) {
      last.clientGone();
    }
  }

  /** Whoever worked on it has finished, or hands it on. */
  void leave() {
    exchange = null;
  }

  /** Counts one more start at the router; false when there were too many. */
  boolean mayReroute() {
    return ++reroutes <= MOST_REROUTES;
  }

  // What the client sends

  /** Whether all of the request has been taken. */
  boolean isReceived() {
    return received;
  }

  void received(boolean all) {
    received = all;
  }

  /** Whether the next part of its body, or the next request, can be dealt with now. */
  boolean takesMore() {
    return received ? answered : answered || exchange != null;
  }

  /** Counts a part of the body that nobody wants; says how many bytes these are by now. */
  long discard(int bytes) {
    discarded += bytes;
    return discarded;
  }

  /** Nothing after this point can be understood. */
  void breaks() {
    received = true;
    broken = true;
  }

  boolean isBroken() {
    return broken;
  }

  /** The head of the next request never came to its end: what is answered, is answered to that. */
  void unheard() {
    keepAlive = false;
    broken = true;
    answered = false;
    responding = false;
    request = null;
  }

  // What the client gets

  /** Whether its answer has begun. */
  boolean isResponding() {
    return responding;
  }

  void responding() {
    responding = true;
  }

  /** Whether its answer is complete. */
  boolean isAnswered() {
    return answered;
  }

  void answered() {
    exchange = null;
    answered = true;
  }

  /** Between two requests. */
  boolean isOver() {
    return answered && received;
  }

  /** Whether the connection goes on after it. */
  boolean isKeptAlive() {
    return keepAlive;
  }

  void keptAlive(boolean still) {
    keepAlive = still;
  }

  /** Raw bytes from here on, both ways. */
  void becomeTunnel() {
    tunnel = true;
    responding = true;
  }

  boolean isTunnel() {
    return tunnel;
  }
}
