package com.atoll.edge.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/** Takes one request of a client after the other, and gives each to an exchange. */
final class Reception implements ClientFront.Requests {
  private static final long MOST_DISCARDED = 1 << 20;

  private final GatewayContext gateway;
  private final boolean http2;
  private final boolean secure;
  private final String peer;
  private final EventLoop loop;
  private final Turn turn;
  private final Inbox inbox;
  private final FrontClock time;
  private final Meter meter;
  private final ClientFront front;
  private boolean draining;

  Reception(GatewayContext gateway, ClientConnection client) {
    this.gateway = gateway;
    this.http2 = client.http2();
    this.secure = client.secure();
    this.peer = client.peer();
    this.loop = client.channel().eventLoop();
    this.turn = client.turn();
    this.inbox = client.inbox();
    this.time = client.time();
    this.meter = client.meter();
    this.front = new ClientFront(gateway, client, this);
  }

  /** Where the answers are written. */
  ClientFront front() {
    return front;
  }

  /** Takes what has been decoded; takes over the reference. */
  void take(Object message) {
    time.byteSeen();
    Exchange now = turn.exchange();
    if (turn.isTunnel() && message instanceof ByteBuf bytes && now != null) {
      meter.received(bytes.readableBytes());
      now.clientTunnelBytes(bytes);
    } else if (message instanceof HttpObject object && !front.isClosing()) {
      if (http2
          && message instanceof HttpRequest whole
          && message instanceof LastHttpContent last) {
        inbox.add(whole);
        inbox.add(LastHttpContent.EMPTY_LAST_CONTENT);
        last.release();
      } else {
        inbox.add(object);
      }
      drain();
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  /** Takes from the inbox whatever can be dealt with now. */
  private void drain() {
    if (draining) {
      return;
    }
    draining = true;
    try {
      takeFromInbox();
    } finally {
      draining = false;
    }
    inbox.settle();
  }

  private void takeFromInbox() {
    while (!inbox.isEmpty()
        && !turn.isUndecided()
        && !front.isClosing()
        && !turn.isTunnel()
        && turn.takesMore()) {
      HttpObject next = inbox.poll();
      if (turn.isReceived()) {
        if (next instanceof HttpRequest head) {
          begin(head);
        } else {
          ReferenceCountUtil.release(next);
        }
      } else if (next instanceof HttpContent content) {
        part(content);
      } else {
        ReferenceCountUtil.release(next);
      }
    }
  }

  private void begin(HttpRequest head) {
    time.headerComplete();
    meter.begin();
    turn.begin(
        http2 || (HttpUtil.isKeepAlive(head) && !gateway.isDraining()),
        HttpUtil.is100ContinueExpected(head));
    front.answersHead(head.method().equals(HttpMethod.HEAD));
    try {
      Request accepted = gateway.check().check(head, http2, secure, peer);
      turn.accept(accepted);
      settle(gateway.router().route(accepted), accepted);
    } catch (RequestCheck.Refused refused) {
      turn.keptAlive(http2);
      if (head.decoderResult().isFailure()) {
        turn.breaks();
      }
      front.answer(refused.answer());
    }
  }

  private void settle(Decision decision, Request request) {
    meter.goesTo(decision, request, loop);
    switch (decision) {
      case Decision.Reply reply -> front.answer(reply.answer());
      case Decision.Serve serve -> run(gateway.files().exchange(front, request, serve.site()));
      case Decision.Pass pass ->
          run(new ProxyExchange(front, request, pass, gateway.pool(loop), gateway.feed()));
      case Decision.Devtools tools ->
          run(DevtoolsFront.exchange(front, request, tools, gateway.pool(loop), gateway.feed()));
      case Decision.Later later -> {
        turn.undecided(true);
        front.reading(false);
        later
            .decision()
            .whenComplete((decided, failure) -> loop.execute(() -> decided(decided, request)));
      }
    }
  }

  private void decided(@Nullable Decision decision, Request request) {
    turn.undecided(false);
    if (front.isClosing()) {
      return;
    }
    if (decision == null) {
      front.answer(Answer.of(500, "INTERNAL_ERROR", "The edge failed."));
    } else {
      front.reading(true);
      settle(decision, request);
    }
    drain();
  }

  private void run(Exchange started) {
    turn.run(started);
    started.start();
  }

  private void part(HttpContent content) {
    if (content.decoderResult().isFailure()) {
      content.release();
      brokenBody();
      return;
    }
    boolean last = content instanceof LastHttpContent;
    turn.received(last);
    Exchange now = turn.exchange();
    if (now != null && !turn.isAnswered()) {
      meter.received(content.content().readableBytes());
      now.body(content);
      return;
    }
    long discarded = turn.discard(content.content().readableBytes());
    content.release();
    if (discarded > MOST_DISCARDED && !http2) {
      front.linger();
    } else if (last && turn.isAnswered()) {
      next();
    }
  }

  private void brokenBody() {
    turn.breaks();
    turn.keptAlive(false);
    turn.abandon();
    if (turn.isResponding() || turn.isAnswered()) {
      front.shut();
    } else {
      front.answer(
          Answer.of(400, "BAD_REQUEST", "The body of the request is not well-formed HTTP."));
    }
  }

  @Override
  public void next() {
    if (front.isClosing() || http2) {
      return;
    }
    turn.forget();
    front.reading(true);
    drain();
  }

  @Override
  public void reroute(Iterable<HttpContent> held) {
    turn.leave();
    Request again = turn.accepted();
    if (!turn.mayReroute()) {
      held.forEach(HttpContent::release);
      inbox.release();
      turn.keptAlive(false);
      front.answer(Answer.busy("SERVICE_UNAVAILABLE", "The route keeps changing. Try again.", 1));
      return;
    }
    if (held.iterator().hasNext()) {
      inbox.putBack(held);
      turn.received(false);
    }
    loop.execute(() -> {
      if (!front.isClosing()) {
        settle(gateway.router().route(again), again);
        drain();
      }
    });
  }
}
