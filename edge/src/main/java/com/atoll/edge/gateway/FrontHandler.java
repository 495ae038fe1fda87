package com.atoll.edge.gateway;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The last handler of a client's pipeline: what happens there goes to the {@link Reception}, which
 * takes the requests, and to the {@link Patience}, which keeps the clock.
 */
final class FrontHandler extends ChannelInboundHandlerAdapter {
  static final String DECODER = "decoder";
  static final String ENCODER = "encoder";
  private static final long SHORTEST_PERIOD_MS = 50;

  private final GatewayContext gateway;
  private final boolean http2;
  private final boolean secure;
  private final String peer;
  private @Nullable Attached attached;

  /** Everything there is once the handler has its place in a pipeline. */
  private record Attached(
      ClientConnection client, Reception reception, Patience patience, ScheduledFuture<?> clock) {}

  FrontHandler(GatewayContext gateway, boolean http2, boolean secure, String peer) {
    this.gateway = gateway;
    this.http2 = http2;
    this.secure = secure;
    this.peer = peer;
  }

  private Attached attached() {
    return Objects.requireNonNull(attached);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    ClientConnection client = ClientConnection.of(gateway, ctx, http2, secure, peer);
    Reception reception = new Reception(gateway, client);
    Patience patience = new Patience(gateway, client, reception.front());
    long period = Math.max(SHORTEST_PERIOD_MS, gateway.limits().headerTime().toMillis() / 4);
    ScheduledFuture<?> clock =
        ctx.channel()
            .eventLoop()
            .scheduleWithFixedDelay(patience::look, period, period, TimeUnit.MILLISECONDS);
    attached = new Attached(client, reception, patience, clock);
    gateway.opened(this);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    Attached last = attached();
    last.clock().cancel(false);
    gateway.closed(this);
    last.client().meter().end();
    last.reception().front().gone();
    last.client().turn().abandon();
    ctx.fireChannelInactive();
  }

  /** Bytes of a request are coming in, decoded or not. */
  void bytesArrived() {
    ClientConnection client = attached().client();
    if (client.turn().isOver()) {
      client.time().headerByteSeen();
    } else {
      client.time().byteSeen();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    attached().reception().take(message);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    ClientConnection client = attached().client();
    client.time().byteSeen();
    Exchange now = client.turn().exchange();
    if (now != null && ctx.channel().isWritable()) {
      now.clientWritable();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    attached().reception().front().shut();
  }

  /** The process ends: nothing new on this connection. */
  void drainSoon() {
    Attached now = attached();
    now.client().channel().eventLoop().execute(now.patience()::endIfIdle);
  }

  boolean isBusy() {
    Attached now = attached();
    return !now.client().turn().isAnswered() || now.reception().front().isFlushing();
  }
}
