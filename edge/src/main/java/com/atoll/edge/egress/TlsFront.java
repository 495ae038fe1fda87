package com.atoll.edge.egress;

import com.atoll.edge.routes.Route;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.security.GeneralSecurityException;
import org.jspecify.annotations.Nullable;

/** One TLS connection of a sandbox: decided by the name of its first message, then passed on. */
final class TlsFront extends AbstractSniHandler<TlsFront.Way> implements Callers.Open {
  private static final int LARGEST_HELLO = 64 << 10;
  private static final long HANDSHAKE_MS = 10_000;

  /** The alert "access denied", in TLS 1.2 framing, which every version reads. */
  private static final byte[] ACCESS_DENIED = {21, 3, 3, 0, 2, 2, 49};

  private final Door door;
  private final String address;
  private @Nullable ChannelHandlerContext client;
  private String host = "";

  /** It is one too many: all it gets is a refusal. */
  private boolean crowded;

  private boolean greeted;
  private @Nullable HttpFront inspected;
  private @Nullable Channel passed;

  /** What becomes of a connection that is not refused. */
  sealed interface Way {
    /** Its bytes are passed on as they are. */
    record Through(Channel upstream) implements Way {}

    /** Its requests are looked at. */
    record Opened(SslContext context) implements Way {}
  }

  TlsFront(Door door, String address) {
    super(LARGEST_HELLO, HANDSHAKE_MS);
    this.door = door;
    this.address = address;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) throws Exception {
    client = ctx;
    crowded = door.isCrowded(ctx.channel(), this, "tls", () -> greeted);
    super.channelActive(ctx);
  }

  @Override
  protected Future<Way> lookup(ChannelHandlerContext ctx, @Nullable String hostname) {
    if (greeted) {
      // As a refused connection closes, what it said is read a second time.
      return ctx.executor().newFailedFuture(new Refusal.Refused(Refusal.MALFORMED));
    }
    greeted = true;
    ctx.channel().config().setAutoRead(false);
    Promise<Way> promise = ctx.executor().newPromise();
    String named = hostname == null ? Destination.of(ctx.channel()) : hostname;
    String normal = named == null ? null : Requests.normal(named, 443);
    host = normal == null ? "" : normal;
    door.callers()
        .whenKnown(
            ctx.channel().eventLoop(),
            address,
            policy -> {
              if (policy == null) {
                promise.tryFailure(new Refusal.Refused(Refusal.NO_POLICY));
              } else {
                decide(ctx, policy, promise);
              }
            });
    return promise;
  }

  private void decide(ChannelHandlerContext ctx, Route.Egress policy, Promise<Way> promise) {
    Audit.Call call = new Audit.Call("tls", host, "", "");
    if (crowded) {
      Verdict verdict =
          host.isEmpty() ? new Verdict(Verdict.Kind.DENY, "") : Decider.connection(policy, host);
      refuse(policy, call, verdict, Refusal.BUSY, promise);
      return;
    }
    if (host.isEmpty()) {
      nameless(ctx, policy, call, promise);
      return;
    }
    Verdict verdict = Decider.connection(policy, host);
    if (verdict.denies() && policy.enforce()) {
      refuse(policy, call, verdict, verdict.refusal(), promise);
      return;
    }
    if (verdict.kind() == Verdict.Kind.INSPECT) {
      inspect(promise);
      return;
    }
    door.dialer()
        .dial(ctx.channel().eventLoop(), host, 443, policy, verdict, Opening.nothing())
        .addListener((Future<Channel> dialed) -> {
          if (dialed.isSuccess()) {
            door.audit().passed(policy, call, verdict, 0);
            if (!promise.trySuccess(new Way.Through(dialed.getNow()))) {
              dialed.getNow().close();
            }
          } else {
            Throwable cause = dialed.cause();
            refuse(policy, call, Refusal.verdict(cause, verdict), Refusal.of(cause), promise);
          }
        });
  }

  /** Its name is none: where the policy only watches it goes to where it was sent. */
  private void nameless(
      ChannelHandlerContext ctx, Route.Egress policy, Audit.Call call, Promise<Way> promise) {
    Verdict verdict = new Verdict(Verdict.Kind.DENY, "");
    String dialed = Destination.of(ctx.channel());
    if (policy.enforce() || dialed == null) {
      refuse(policy, call, verdict, Refusal.MALFORMED, promise);
      return;
    }
    Audit.Call there = new Audit.Call("tls", dialed, "", "");
    door.dialer()
        .dial(ctx.channel().eventLoop(), dialed, 443, policy, verdict, Opening.nothing())
        .addListener((Future<Channel> made) -> {
          if (made.isSuccess()) {
            door.audit().observed(policy, there, verdict, Refusal.MALFORMED, 0);
            if (!promise.trySuccess(new Way.Through(made.getNow()))) {
              made.getNow().close();
            }
          } else {
            refuse(policy, there, verdict, Refusal.of(made.cause()), promise);
          }
        });
  }

  /** The first certificate for a host is some milliseconds of work: not on this thread. */
  private void inspect(Promise<Way> promise) {
    Thread.ofVirtual()
        .start(() -> {
          try {
            promise.trySuccess(new Way.Opened(door.inspection().server(host)));
          } catch (IOException | GeneralSecurityException e) {
            promise.tryFailure(e);
          }
        });
  }

  private void refuse(
      Route.Egress policy,
      Audit.Call call,
      Verdict verdict,
      Refusal refusal,
      Promise<Way> promise) {
    door.audit().refused(policy, call, verdict, refusal);
    promise.tryFailure(new Refusal.Refused(refusal));
  }

  @Override
  protected void onLookupComplete(
      ChannelHandlerContext ctx, @Nullable String hostname, Future<Way> found) {
    if (!found.isSuccess()) {
      ctx.writeAndFlush(Unpooled.wrappedBuffer(ACCESS_DENIED))
          .addListener(ChannelFutureListener.CLOSE);
      return;
    }
    // What has been read of the handshake goes to what follows as this handler leaves.
    switch (found.getNow()) {
      case Way.Through through -> pass(ctx, through.upstream());
      case Way.Opened opened -> {
        ctx.pipeline().addLast("tls", opened.context().newHandler(ctx.alloc()));
        inspected = door.speakHttp(ctx.pipeline(), address, host);
        ctx.pipeline().remove(this);
      }
    }
  }

  private void pass(ChannelHandlerContext ctx, Channel upstream) {
    if (!ctx.channel().isActive()) {
      upstream.close();
      return;
    }
    passed = upstream;
    Relay.joinHalves(ctx.channel(), upstream);
    ctx.pipeline().remove(this);
    // The policy may have changed since the address was chosen.
    door.callers().recheck(ctx.channel(), this);
    upstream.flush();
    ctx.channel().read();
    upstream.read();
  }

  @Override
  public void recheck(Route.@Nullable Egress policy) {
    ChannelHandlerContext ctx = client;
    if (ctx == null) {
      return;
    }
    HttpFront front = inspected;
    if (front != null) {
      front.recheck(policy);
    } else if (policy == null || !(isUndecided() || stillPasses(policy))) {
      ctx.channel().close();
    }
  }

  @Override
  public void release() {
    HttpFront front = inspected;
    if (front != null) {
      front.release();
    }
  }

  private boolean isUndecided() {
    return host.isEmpty() && passed == null;
  }

  /** Whether its bytes may go on as they are, to where they go. */
  private boolean stillPasses(Route.Egress policy) {
    Channel upstream = passed;
    Verdict verdict = Decider.connection(policy, host);
    return !policy.enforce()
        || (!host.isEmpty()
            && verdict.kind() == Verdict.Kind.ALLOW
            && (upstream == null || Decider.admits(policy, verdict, Callers.address(upstream))));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
