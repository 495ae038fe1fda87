package com.atoll.edge.gateway;

import io.netty.channel.Channel;

/** Looks at the clock for one client: ends what has been silent for too long. */
final class Patience {
  private final GatewayContext gateway;
  private final Channel channel;
  private final boolean http2;
  private final Turn turn;
  private final FrontClock time;
  private final ClientFront front;

  Patience(GatewayContext gateway, ClientConnection client, ClientFront front) {
    this.gateway = gateway;
    this.channel = client.channel();
    this.http2 = client.http2();
    this.turn = client.turn();
    this.time = client.time();
    this.front = front;
  }

  /** Looks; called again and again. */
  void look() {
    if (front.isClosing()) {
      return;
    }
    if (turn.isOver()) {
      if (!http2) {
        betweenRequests(time.whileIdle(channel));
      }
      return;
    }
    boolean tunnel = turn.isTunnel();
    boolean owesBody = !turn.isReceived() && !tunnel && channel.config().isAutoRead();
    switch (time.whileBusy(channel, owesBody, longestPauseMs(tunnel))) {
      case SLOW_BODY -> slowBody();
      case SILENT -> silent();
      case FINE, IDLE, SLOW_HEADER -> {}
    }
  }

  private long longestPauseMs(boolean tunnel) {
    Exchange now = turn.exchange();
    return tunnel
        ? gateway.limits().tunnelPause().toMillis()
        : now == null ? Long.MAX_VALUE : now.pauseMs();
  }

  private void betweenRequests(FrontClock.Verdict verdict) {
    switch (verdict) {
      case SLOW_HEADER -> {
        turn.unheard();
        front.answersHead(false);
        front.answer(Answer.of(408, "REQUEST_TIMEOUT", "The request's headers took too long."));
      }
      case IDLE -> front.shut();
      case FINE, SLOW_BODY, SILENT -> {
        if (gateway.isDraining() && !front.isFlushing()) {
          front.shut();
        }
      }
    }
  }

  private void silent() {
    turn.abandon();
    if (turn.isTunnel()) {
      front.shut();
    } else if (turn.isResponding()) {
      front.abort();
    } else {
      front.answer(Answer.of(504, "GATEWAY_TIMEOUT", "The application did not answer in time."));
    }
  }

  private void slowBody() {
    turn.keptAlive(false);
    turn.abandon();
    if (turn.isResponding()) {
      front.abort();
    } else {
      front.answer(Answer.of(408, "REQUEST_TIMEOUT", "The request's body took too long."));
    }
  }

  /** The process ends: nothing new on a connection that waits for its next request. */
  void endIfIdle() {
    if (!http2 && turn.isOver() && !front.isFlushing() && !time.isInHeader()) {
      front.shut();
    }
  }
}
