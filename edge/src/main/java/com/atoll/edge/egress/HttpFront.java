package com.atoll.edge.egress;

import com.atoll.edge.routes.Route;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a sandbox that speaks HTTP/1: each request is decided by itself. Messages come
 * one for each read, so that nothing is taken that nobody waits for.
 */
final class HttpFront extends ChannelInboundHandlerAdapter implements Callers.Open {
  private static final int MOST_DISCARDED = 1 << 20;

  private final Door door;
  private final HeadAwareEncoder encoder;
  private final String address;

  /** The name of the TLS handshake; empty on a connection without TLS. */
  private final String secureName;

  private @Nullable ChannelHandlerContext client;
  private @Nullable Exchange exchange;
  private @Nullable Channel upstream;
  private String upstreamHost = "";
  private int discarded;
  private boolean begun;
  private boolean reading;
  private boolean isSwitched;
  private boolean closeAfter;

  /** A request on its way, and what has come of it. */
  private static final class Exchange {
    final HttpRequest request;
    final Audit.Call call;
    final boolean keepAlive;
    boolean requestDone;
    boolean reused;
    boolean refused;
    boolean answered;
    boolean interim;
    boolean last;
    Verdict verdict = new Verdict(Verdict.Kind.DENY, "");

    Exchange(HttpRequest request, Audit.Call call) {
      this.request = request;
      this.call = call;
      this.keepAlive = HttpUtil.isKeepAlive(request);
    }
  }

  HttpFront(Door door, HeadAwareEncoder encoder, String address, String secureName) {
    this.door = door;
    this.encoder = encoder;
    this.address = address;
    this.secureName = secureName;
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
    if (secureName.isEmpty() && !door.callers().watch(ctx.channel(), this)) {
      ctx.close();
      return;
    }
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

  private ChannelHandlerContext client() {
    return Objects.requireNonNull(client);
  }

  private int port() {
    return secureName.isEmpty() ? 80 : 443;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    reading = false;
    if (message instanceof HttpRequest request && exchange == null) {
      request(request);
    } else if (message instanceof HttpContent content) {
      body(content);
    } else {
      ReferenceCountUtil.release(message);
      ctx.close();
    }
  }

  private void request(HttpRequest request) {
    String host = Requests.host(request, port());
    String path = Requests.path(request);
    String method = request.method().name();
    String protocol = secureName.isEmpty() ? "http" : "https";
    Audit.Call call =
        new Audit.Call(protocol, host == null ? "" : host, method, path == null ? "" : path);
    Exchange now = new Exchange(request, call);
    exchange = now;
    discarded = 0;
    encoder.answers(request.method().equals(HttpMethod.HEAD));
    door.callers()
        .whenKnown(
            client().channel().eventLoop(),
            address,
            policy -> {
              if (policy == null) {
                refuse(now, null, Refusal.NO_POLICY);
              } else if (host == null) {
                refuse(now, policy, Refusal.MALFORMED);
              } else if (!secureName.isEmpty() && !secureName.equals(host)) {
                refuse(now, policy, Refusal.MISMATCH);
              } else {
                decide(now, policy);
              }
            });
  }

  private void decide(Exchange now, Route.Egress policy) {
    now.verdict =
        Decider.request(policy, now.call.host(), port(), now.call.method(), now.call.path());
    if (now.verdict.denies() && policy.enforce()) {
      refuse(now, policy, Refusal.NOT_ALLOWED);
      return;
    }
    onlyWebSocketMayUpgrade(now.request);
    Route.EgressSecret secret =
        now.verdict.denies()
            ? null
            : Injections.secret(policy, now.call.host(), !secureName.isEmpty());
    if (secret == null) {
      pass(now, policy);
      return;
    }
    door.injections()
        .header(policy, secret)
        .whenCompleteAsync(
            (header, failure) -> {
              if (header == null) {
                refuse(now, policy, Refusal.NO_SECRET);
              } else {
                now.request.headers().set(header.name(), header.value());
                pass(now, policy);
              }
            },
            client().channel().eventLoop());
  }

  private void pass(Exchange now, Route.Egress policy) {
    Channel open = upstream;
    if (open != null && open.isActive() && upstreamHost.equals(now.call.host())) {
      now.reused = true;
      send(now, open);
      return;
    }
    dropUpstream();
    door.dialer()
        .dial(client().channel().eventLoop(), now.call.host(), port(), handlers(now.call.host()))
        .addListener((Future<Channel> dialed) -> connected(now, policy, dialed));
  }

  private void connected(Exchange now, Route.Egress policy, Future<Channel> dialed) {
    if (!dialed.isSuccess()) {
      if (now == exchange) {
        refuse(now, policy, Refusal.of(Objects.requireNonNull(dialed.cause())));
      }
    } else if (now != exchange || now.refused || !client().channel().isActive()) {
      dialed.getNow().close();
    } else {
      upstream = dialed.getNow();
      upstreamHost = now.call.host();
      send(now, dialed.getNow());
    }
  }

  /** Another protocol would carry requests that nobody decides. */
  private static void onlyWebSocketMayUpgrade(HttpRequest request) {
    String upgrade = request.headers().get(HttpHeaderNames.UPGRADE);
    if (upgrade != null && !upgrade.equalsIgnoreCase("websocket")) {
      request.headers().remove(HttpHeaderNames.UPGRADE);
      request.headers().remove("HTTP2-Settings");
    }
  }

  private ChannelInitializer<Channel> handlers(String host) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        door.upstream(channel, host, !secureName.isEmpty());
        channel.pipeline().addLast("back", new HttpBack(HttpFront.this));
      }
    };
  }

  private void send(Exchange now, Channel open) {
    open.writeAndFlush(now.request, open.voidPromise());
    open.read();
    next();
  }

  private void body(HttpContent content) {
    Exchange now = exchange;
    Channel open = upstream;
    boolean last = content instanceof LastHttpContent;
    if (now == null || content.decoderResult().isFailure()) {
      content.release();
      client().close();
      return;
    }
    now.requestDone |= last;
    if (now.refused || open == null || !open.isActive()) {
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

  /** A refused request is read to its end, so that its answer arrives. */
  private void discard(Exchange now, HttpContent content) {
    discarded += content.content().readableBytes();
    content.release();
    if (discarded > MOST_DISCARDED) {
      client().close();
    } else if (now.requestDone) {
      finishWhenDone(now);
    } else {
      next();
    }
  }

  /** The upstream takes more. */
  void upstreamWritable() {
    Exchange now = exchange;
    if (now != null && !now.requestDone) {
      next();
    }
  }

  /** A message of the upstream. */
  void answer(Channel from, Object message) {
    Exchange now = exchange;
    if (now == null || !from.equals(upstream) || now.refused) {
      ReferenceCountUtil.release(message);
      from.close();
      return;
    }
    if (message instanceof HttpResponse response) {
      if (response.decoderResult().isFailure()) {
        ReferenceCountUtil.release(message);
        lost(from);
        return;
      }
      head(now, response);
    }
    boolean last = message instanceof LastHttpContent;
    client().write(message, client().voidPromise());
    if (last && now.interim) {
      client().flush();
    } else if (last && now.answered && isSwitched) {
      client().flush();
      tunnel(from);
    } else if (last) {
      client().flush();
      now.last = true;
      finishWhenDone(now);
    }
  }

  private void head(Exchange now, HttpResponse response) {
    int status = response.status().code();
    isSwitched = status == 101;
    now.interim = status < 200 && !isSwitched;
    if (now.interim) {
      return;
    }
    now.answered = true;
    boolean bounded =
        HttpUtil.isTransferEncodingChunked(response)
            || HttpUtil.isContentLengthSet(response)
            || status == 204
            || status == 304
            || now.request.method().equals(HttpMethod.HEAD);
    closeAfter = !bounded || !HttpUtil.isKeepAlive(response) || !now.keepAlive;
    Route.Egress policy = door.callers().policy(address);
    if (policy != null) {
      door.audit().passed(policy, now.call, now.verdict, status);
    }
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

  private void finishWhenDone(Exchange now) {
    if (!now.last) {
      return;
    }
    if (!now.requestDone || (closeAfter && !now.refused) || (now.refused && !now.keepAlive)) {
      // An answer that came before the end of the request leaves nothing to go on with.
      exchange = null;
      client().writeAndFlush(client().alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
      return;
    }
    exchange = null;
    next();
  }

  private void tunnel(Channel from) {
    ChannelHandlerContext ctx = client();
    Channel near = ctx.channel();
    Relay.join(near, from);
    from.pipeline().remove("back");
    from.pipeline().remove("http");
    ctx.pipeline().remove(this);
    near.pipeline().remove("flow");
    near.pipeline().remove("encoder");
    near.pipeline().remove("decoder");
    near.read();
    from.read();
  }

  /** The upstream has gone, or made no sense. */
  void lost(Channel from) {
    from.close();
    if (!from.equals(upstream)) {
      return;
    }
    upstream = null;
    Exchange now = exchange;
    if (now == null || now.answered || now.reused) {
      // As the host itself would do to a caller who kept the connection: who can, tries again.
      client().close();
    } else {
      refuse(now, door.callers().policy(address), Refusal.UNREACHABLE);
    }
  }

  private void refuse(Exchange now, Route.@Nullable Egress policy, Refusal refusal) {
    if (now.refused || !client().channel().isActive()) {
      return;
    }
    now.refused = true;
    dropUpstream();
    if (policy != null) {
      door.audit().refused(policy, now.call, now.verdict, refusal);
    }
    boolean stays = now.keepAlive && refusal != Refusal.MALFORMED;
    ByteBuf body =
        ByteBufUtil.writeUtf8(
            client().alloc(), Explanation.json(refusal, policy, now.call, now.verdict));
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(refusal.status()), body);
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
        .set("X-Atoll-Egress", refusal.code())
        .set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    HttpUtil.setKeepAlive(response, stays);
    now.last = true;
    client().writeAndFlush(response).addListener(stays ? sent -> {} : ChannelFutureListener.CLOSE);
    if (stays && now.requestDone) {
      finishWhenDone(now);
    } else if (stays) {
      next();
    }
  }

  @Override
  public void recheck(Route.@Nullable Egress policy) {
    Exchange now = exchange;
    if (policy == null) {
      client().close();
    } else if (now != null && !now.refused) {
      Verdict verdict =
          Decider.request(policy, now.call.host(), port(), now.call.method(), now.call.path());
      if (verdict.denies() && policy.enforce() && !now.call.host().isEmpty()) {
        client().close();
      }
    }
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
    dropUpstream();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
