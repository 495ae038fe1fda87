package com.atoll.edge.egress;

import com.atoll.edge.hosts.RequestTarget;
import com.atoll.edge.routes.Route;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a sandbox that speaks HTTP/1: each request is decided by itself. Messages come
 * one for each read, so that nothing is taken that nobody waits for.
 */
final class HttpFront extends ChannelInboundHandlerAdapter
    implements Callers.Open, Admission.Outcome {
  private final Door door;
  private final HeadAwareEncoder encoder;
  private final Admission admission;

  private @Nullable ChannelHandlerContext client;
  private @Nullable HttpCall call;
  private @Nullable Channel upstream;
  private String upstreamHost = "";
  private String upstreamAddress = "";
  private boolean begun;
  private boolean reading;

  /** It is one too many: all it gets is a refusal. */
  private boolean crowded;

  /** It ends with the call that is under way. */
  private boolean ending;

  HttpFront(Door door, HeadAwareEncoder encoder, String address, String secureName) {
    this.door = door;
    this.encoder = encoder;
    this.admission = new Admission(door, address, secureName);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    client = ctx;
    if (ctx.channel().isActive()) {
      begin(ctx);
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    begin(ctx);
  }

  /** Once, whichever of the two tells first: each read is answered by one message. */
  private void begin(ChannelHandlerContext ctx) {
    if (begun) {
      return;
    }
    begun = true;
    // Below TLS it is watched already, from the handshake on.
    crowded =
        !admission.isSecure() && door.isCrowded(ctx.channel(), this, "http", () -> call != null);
    ending = crowded;
    next();
  }

  /** Asks for one message, unless one is asked for already: what comes after it has to wait. */
  private void next() {
    if (!reading) {
      reading = true;
      client().read();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    // What arrived made no whole message: the flow control forgets that one is asked for.
    if (reading) {
      ctx.read();
    }
  }

  @Override
  public String dialed() {
    return Objects.requireNonNullElse(Destination.of(client().channel()), "");
  }

  private ChannelHandlerContext client() {
    return Objects.requireNonNull(client);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    reading = false;
    if (message instanceof HttpRequest request && call == null) {
      request(request);
    } else if (message instanceof HttpContent content) {
      body(content);
    } else {
      ReferenceCountUtil.release(message);
      ctx.close();
    }
  }

  private void request(HttpRequest request) {
    // Before it is decided: what the host is asked for is what the rules are asked about.
    request.setUri(RequestTarget.escaped(request.uri()));
    HttpCall now = admission.call(request);
    call = now;
    encoder.answers(request.method().equals(HttpMethod.HEAD));
    EventLoop loop = client().channel().eventLoop();
    if (crowded) {
      admission.turnAway(now, loop, this);
    } else {
      admission.decide(now, loop, this);
    }
  }

  @Override
  public void pass(HttpCall now, Route.Egress policy) {
    if (now != call) {
      return;
    }
    Channel open = upstream;
    if (open != null
        && open.isActive()
        && upstreamHost.equals(now.host())
        && Decider.admits(policy, now.verdict(), upstreamAddress)) {
      now.reuses();
      send(now, policy, open);
      return;
    }
    dropUpstream();
    door.dialer()
        .dial(
            client().channel().eventLoop(),
            now.host(),
            admission.port(),
            policy,
            now.verdict(),
            handlers(now.host()))
        .addListener((Future<Channel> dialed) -> connected(now, policy, dialed));
  }

  private void connected(HttpCall now, Route.Egress policy, Future<Channel> dialed) {
    if (!dialed.isSuccess()) {
      if (now == call) {
        Throwable cause = Objects.requireNonNull(dialed.cause());
        now.decided(Refusal.verdict(cause, now.verdict()));
        refuse(now, policy, Refusal.of(cause));
      }
    } else if (now != call || now.isRefused() || !client().channel().isActive()) {
      dialed.getNow().close();
    } else {
      upstream = dialed.getNow();
      upstreamHost = now.host();
      upstreamAddress = Callers.address(dialed.getNow());
      // The policy may have changed since the address was chosen.
      door.callers().recheck(client().channel(), this);
      if (upstream != null) {
        send(now, policy, dialed.getNow());
      }
    }
  }

  private ChannelInitializer<Channel> handlers(String host) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        door.upstream(channel, host, admission.isSecure());
        channel.pipeline().addLast("back", new HttpBack(HttpFront.this));
      }
    };
  }

  private void send(HttpCall now, Route.Egress policy, Channel open) {
    now.goes(policy);
    open.writeAndFlush(now.request(), open.voidPromise());
    open.read();
    next();
  }

  private void body(HttpContent content) {
    HttpCall now = call;
    Channel open = upstream;
    boolean last = content instanceof LastHttpContent;
    if (now == null || content.decoderResult().isFailure()) {
      content.release();
      client().close();
      return;
    }
    now.read(last);
    if (now.isRefused() || open == null || !open.isActive()) {
      discard(now, content);
      return;
    }
    open.writeAndFlush(content, open.voidPromise());
    if (!last && open.isWritable()) {
      next();
    } else if (last) {
      finishWhenDone(now);
    }
  }

  /** What nobody gets is read nevertheless, so that the answer arrives. */
  private void discard(HttpCall now, HttpContent content) {
    boolean fits = now.mayDiscard(content.content().readableBytes());
    content.release();
    if (!fits) {
      client().close();
    } else if (now.isSent()) {
      finishWhenDone(now);
    } else {
      next();
    }
  }

  /** The upstream takes more. */
  void upstreamWritable() {
    HttpCall now = call;
    if (now != null && !now.isSent()) {
      next();
    }
  }

  /** A message of the upstream. */
  void answer(Channel from, Object message) {
    HttpCall now = call;
    if (now == null || !from.equals(upstream) || now.isRefused()) {
      ReferenceCountUtil.release(message);
      from.close();
      return;
    }
    if (message instanceof HttpResponse response) {
      if (response.decoderResult().isFailure()) {
        ReferenceCountUtil.release(message);
        lost(from, Refusal.UNREACHABLE);
        return;
      }
      if (HttpCall.isSwitch(response) && !Upgrades.isGranted(now.request(), response)) {
        Route.Egress policy = policy(now);
        if (policy == null || policy.enforce()) {
          ReferenceCountUtil.release(message);
          refuse(now, policy, Refusal.OTHER_PROTOCOL);
          return;
        }
        now.excused(now.host(), Refusal.OTHER_PROTOCOL);
      }
      head(now, response);
    }
    if (message instanceof HttpContent content && content.decoderResult().isFailure()) {
      // It would seem to be the end.
      content.release();
      lost(from, Refusal.UNREACHABLE);
      return;
    }
    boolean last = message instanceof LastHttpContent;
    client().write(message, client().voidPromise());
    if (last && now.isInterim()) {
      client().flush();
    } else if (last && now.isSwitched()) {
      client().flush();
      Upgrades.tunnel(client(), from);
    } else if (last) {
      client().flush();
      now.complete();
      finishWhenDone(now);
    }
  }

  private void head(HttpCall now, HttpResponse response) {
    if (now.answers(response)) {
      Route.Egress policy = policy(now);
      Refusal excuse = now.excuse();
      int status = response.status().code();
      if (policy != null && excuse != null) {
        door.audit().observed(policy, now.told(), now.verdict(), excuse, status);
      } else if (policy != null) {
        door.audit().passed(policy, now.told(), now.verdict(), status);
      }
      if (ending && !now.isSwitched()) {
        HttpUtil.setKeepAlive(response, false);
      }
    }
  }

  /** The policy that holds, or did when the call left. */
  private Route.@Nullable Egress policy(HttpCall now) {
    Route.Egress policy = admission.policy();
    return policy == null ? now.under() : policy;
  }

  /** What the upstream sent so far has been passed on: more, when the client takes it. */
  void answerComplete(Channel from) {
    client().flush();
    if (client().channel().isWritable()) {
      from.read();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    Channel open = upstream;
    if (ctx.channel().isWritable() && open != null) {
      open.read();
    }
  }

  private void finishWhenDone(HttpCall now) {
    if (!now.isComplete()) {
      return;
    }
    call = null;
    if (ending || now.endsConnection()) {
      Farewell.afterAll(client(), () -> true);
    } else {
      next();
    }
  }

  /** The upstream has gone, or made no sense. */
  void lost(Channel from, Refusal reason) {
    from.close();
    if (!from.equals(upstream)) {
      return;
    }
    upstream = null;
    HttpCall now = call;
    if (now != null && now.mayBeExplained()) {
      refuse(now, policy(now), reason);
      return;
    }
    if (now != null && now.isEndedByConnection()) {
      Farewell.breakOff(client());
      return;
    }
    // As the host itself would do to a caller who kept the connection: who can, tries again. What
    // the host had said before is the caller's, however slowly it takes that, and one who has gone
    // on meanwhile is served by a connection of its own.
    Farewell.afterAll(client(), () -> call == now);
  }

  @Override
  public void refuse(HttpCall now, Route.@Nullable Egress policy, Refusal refusal) {
    if (now.isRefused() || !client().channel().isActive()) {
      return;
    }
    now.refuse();
    dropUpstream();
    if (policy != null) {
      door.audit().refused(policy, now.told(), now.verdict(), refusal);
    }
    boolean stays = now.isKeepAlive() && refusal != Refusal.MALFORMED;
    FullHttpResponse response =
        Explanation.response(client().alloc(), refusal, policy, now.told(), now.verdict());
    HttpUtil.setKeepAlive(response, stays && !ending);
    if (refusal == Refusal.MALFORMED) {
      client().writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
      return;
    }
    client().writeAndFlush(response, client().voidPromise());
    if (now.isSent()) {
      finishWhenDone(now);
    } else {
      next();
      boolean saidAll = ending || !stays;
      Farewell.hearOut(client(), saidAll && !admission.isSecure(), () -> call == now);
    }
  }

  @Override
  public void recheck(Route.@Nullable Egress policy) {
    HttpCall now = call;
    if (policy == null || (now != null && !now.isRefused() && !goesOn(now, policy))) {
      dropUpstream();
      client().channel().close();
    } else if (now == null) {
      // Where the next call may go is asked for it alone.
      dropUpstream();
    }
  }

  @Override
  public void release() {
    HttpCall now = call;
    ending = true;
    // What a secret went into ends with the secret.
    if (now == null || !now.secretId().isEmpty()) {
      dropUpstream();
      client().channel().close();
    }
  }

  private boolean goesOn(HttpCall now, Route.Egress policy) {
    Verdict verdict = admission.verdict(now, policy);
    return admission.stillAllows(now, policy, verdict)
        && (upstream == null
            || !upstreamHost.equals(now.host())
            || Decider.admits(policy, verdict, upstreamAddress));
  }

  private void dropUpstream() {
    Channel open = upstream;
    upstream = null;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    HttpCall last = call;
    call = null;
    dropUpstream();
    Route.Egress policy = last == null ? null : last.unanswered();
    if (last != null && policy != null) {
      // The host may have all of it, with a secret in it, whoever ended the call.
      door.audit().unanswered(policy, last.told(), last.verdict(), last.excuse(), last.wentAtMs());
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
