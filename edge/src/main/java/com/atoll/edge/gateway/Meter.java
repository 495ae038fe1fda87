package com.atoll.edge.gateway;

import com.atoll.edge.traffic.Account;
import io.netty.buffer.ByteBufHolder;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/** Counts what one client is served, request by request. Requests to the API are not counted. */
final class Meter {
  private final GatewayContext gateway;
  private @Nullable Visit visit;
  private long beganAt;

  Meter(GatewayContext gateway) {
    this.gateway = gateway;
  }

  /** A request begins. */
  void begin() {
    end();
    beganAt = System.nanoTime();
  }

  /** It was decided where the request goes, perhaps for another time. */
  void goesTo(Decision decision, Request request, EventLoop loop) {
    Account account = account(decision);
    if (account == null) {
      return;
    }
    Visit now = visit;
    if (now != null && now.id().equals(account.id())) {
      now.movesTo(account);
      return;
    }
    end();
    visit =
        new Visit(
            account,
            request,
            gateway.traffic().count(account.id()),
            gateway.journal(loop),
            beganAt);
  }

  private static @Nullable Account account(Decision decision) {
    return switch (decision) {
      case Decision.Pass pass -> pass.destination().account();
      case Decision.Serve serve ->
          Account.deployment(serve.site().deploymentId(), serve.site().versionId());
      case Decision.Devtools tools -> tools.pass().destination().account();
      case Decision.Reply reply -> null;
      case Decision.Later later -> null;
    };
  }

  void received(int bytes) {
    if (visit != null) {
      visit.received(bytes);
    }
  }

  void sent(ByteBufHolder content) {
    sent(content.content().readableBytes());
  }

  void sent(int bytes) {
    if (visit != null) {
      visit.sent(bytes);
    }
  }

  void answered(HttpResponse response) {
    if (visit != null) {
      visit.answered(response);
    }
  }

  /** What a part of a file is to be written with. */
  ChannelPromise region(ChannelHandlerContext ctx) {
    return visit == null
        ? ctx.newPromise()
        : ctx.newProgressivePromise().addListener(visit.region());
  }

  /** The request is over, answered or not. */
  void end() {
    Visit last = visit;
    visit = null;
    if (last != null) {
      last.end();
    }
  }
}
