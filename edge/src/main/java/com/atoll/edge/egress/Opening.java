package com.atoll.edge.egress;

import com.atoll.edge.routes.Route;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of a connection. Where the policy only watches, what the proxy does not understand
 * goes on to where the sandbox sent it, as it would without a policy, and is written down as what
 * would have been refused.
 */
final class Opening extends ChannelInboundHandlerAdapter implements Callers.Open {
  private static final Verdict DENIED = new Verdict(Verdict.Kind.DENY, "");

  /** Who has said nothing by then waits for the other side to speak first. */
  private static final long SILENCE_MS = 2_000;

  private static final long PATIENCE_MS = 10_000;

  private final Door door;
  private final int port;
  private final Consumer<ChannelPipeline> usual;
  private final FirstBytes first;
  private boolean listening;
  private boolean ended;
  private @Nullable Channel near;

  /**
   * A connection that meant this port.
   *
   * @param usual adds what understands what is spoken there
   */
  Opening(Door door, int port, Consumer<ChannelPipeline> usual) {
    this.door = door;
    this.port = port;
    this.usual = usual;
    this.first = new FirstBytes(port == 443);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    door.callers()
        .whenKnown(
            ctx.channel().eventLoop(),
            Callers.address(ctx.channel()),
            policy -> {
              if (policy == null || policy.enforce()) {
                understand(ctx);
              } else {
                listen(ctx);
              }
            });
  }

  private void listen(ChannelHandlerContext ctx) {
    if (door.callers().watch(ctx.channel(), this) != Callers.Room.LEFT) {
      // It can be told so by what is spoken there.
      understand(ctx);
      return;
    }
    // Who says all at once and ends that direction waits for what is said to it.
    ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    listening = true;
    later(
        ctx,
        SILENCE_MS,
        () -> {
          if (first.isEmpty()) {
            passOn(ctx);
          } else {
            later(ctx, PATIENCE_MS, () -> passOn(ctx));
          }
        });
    ctx.read();
  }

  private void later(ChannelHandlerContext ctx, long millis, Runnable action) {
    var _ =
        ctx.executor()
            .schedule(
                () -> {
                  if (listening && ctx.channel().isActive()) {
                    action.run();
                  }
                },
                millis,
                TimeUnit.MILLISECONDS);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf bytes) {
      first.add(bytes);
    }
    ReferenceCountUtil.release(message);
    if (listening) {
      switch (first.kind()) {
        case UNDECIDED -> {}
        case UNDERSTOOD -> understand(ctx);
        case OTHER -> passOn(ctx);
      }
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (listening) {
      ctx.read();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (!(event instanceof ChannelInputShutdownEvent)) {
      ctx.fireUserEventTriggered(event);
      return;
    }
    ended = true;
    if (first.isEmpty()) {
      ctx.close();
    } else if (listening) {
      passOn(ctx);
    }
  }

  /** Hands over to who understands it. */
  private void understand(ChannelHandlerContext ctx) {
    listening = false;
    if (!ctx.channel().isActive() || ended) {
      ctx.close();
      return;
    }
    ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
    door.callers().leave(ctx.channel(), this);
    usual.accept(ctx.pipeline());
    ctx.fireChannelActive();
    if (!first.isEmpty()) {
      ctx.fireChannelRead(first.bytes());
      ctx.fireChannelReadComplete();
    }
    ctx.pipeline().remove(this);
  }

  private void passOn(ChannelHandlerContext ctx) {
    listening = false;
    Route.Egress policy = door.callers().policy(Callers.address(ctx.channel()));
    if (policy == null || policy.enforce()) {
      understand(ctx);
      return;
    }
    String host = Destination.of(ctx.channel());
    Audit.Call call = new Audit.Call("tcp", host == null ? "" : host, "", "");
    Refusal reason = port == 443 ? Refusal.NOT_TLS : Refusal.MALFORMED;
    if (host == null) {
      door.audit().refused(policy, call, DENIED, reason);
      ctx.close();
      return;
    }
    door.dialer()
        .dial(ctx.channel().eventLoop(), host, port, policy, DENIED, nothing())
        .addListener((Future<Channel> dialed) -> {
          if (dialed.isSuccess()) {
            door.audit().observed(policy, call, DENIED, reason, 0);
            join(ctx, dialed.getNow());
          } else {
            Refusal refusal = Refusal.of(Objects.requireNonNull(dialed.cause()));
            door.audit().refused(policy, call, DENIED, refusal);
            ctx.close();
          }
        });
  }

  private void join(ChannelHandlerContext ctx, Channel upstream) {
    Channel client = ctx.channel();
    near = client;
    if (!client.isActive()) {
      upstream.close();
      return;
    }
    Relay.joinHalves(client, upstream);
    ctx.pipeline().remove(this);
    // The policy may have changed since it was asked.
    door.callers().recheck(client, this);
    upstream.writeAndFlush(first.bytes(), upstream.voidPromise());
    if (ended) {
      client.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }
    client.read();
    upstream.read();
  }

  static ChannelInitializer<Channel> nothing() {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {}
    };
  }

  @Override
  public void recheck(Route.@Nullable Egress policy) {
    Channel open = near;
    if (open != null && (policy == null || policy.enforce())) {
      open.close();
    }
  }

  @Override
  public void release() {
    // What is passed on goes on.
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
