package com.atoll.edge.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.FileRegion;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The last handler of a client's pipeline. It takes one request after the other, gives each to an
 * exchange, and keeps the clock.
 */
final class FrontHandler extends ChannelInboundHandlerAdapter implements Front {
  static final String DECODER = "decoder";
  static final String ENCODER = "encoder";
  private static final long MOST_DISCARDED = 1 << 20;
  private static final int MOST_QUEUED = 64;
  private static final int MOST_REROUTES = 5;
  private static final long LINGER_MS = 1_000;

  private final GatewayContext gateway;
  private final boolean http2;
  private final boolean secure;
  private final String peer;
  private final ArrayDeque<HttpObject> queue = new ArrayDeque<>();

  private @Nullable ChannelHandlerContext context;
  private @Nullable ScheduledFuture<?> clock;
  private @Nullable Exchange exchange;
  private @Nullable Request request;
  private boolean deciding;
  private boolean requestDone = true;
  private boolean responding;
  private boolean answered = true;
  private boolean keepAlive = true;
  private boolean expectsContinue;
  private boolean tunnel;
  private boolean broken;
  private boolean closing;
  private boolean draining;
  private boolean queueFull;
  private boolean wantsToRead = true;
  private int reroutes;
  private long discarded;

  /** Answers that are complete and not yet with the client. */
  private int flushing;

  private final FrontClock time;
  private final Meter meter;

  FrontHandler(GatewayContext gateway, boolean http2, boolean secure, String peer) {
    this.gateway = gateway;
    this.http2 = http2;
    this.secure = secure;
    this.peer = peer;
    this.time = new FrontClock(gateway.limits());
    this.meter = new Meter(gateway);
  }

  private ChannelHandlerContext ctx() {
    return Objects.requireNonNull(context);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    gateway.opened(this);
    long period = Math.max(50, gateway.limits().headerTime().toMillis() / 4);
    clock =
        ctx.channel()
            .eventLoop()
            .scheduleWithFixedDelay(this::tick, period, period, TimeUnit.MILLISECONDS);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (clock != null) {
      clock.cancel(false);
    }
    gateway.closed(this);
    meter.end();
    Exchange last = exchange;
    exchange = null;
    closing = true;
    if (last != null) {
      last.clientGone();
    }
    releaseQueue();
    ctx.fireChannelInactive();
  }

  /** Bytes of a request are coming in, decoded or not. */
  void bytesArrived() {
    if (answered && requestDone) {
      time.headerByteSeen();
    } else {
      time.byteSeen();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    time.byteSeen();
    if (tunnel && message instanceof ByteBuf bytes && exchange != null) {
      meter.received(bytes.readableBytes());
      exchange.clientTunnelBytes(bytes);
    } else if (message instanceof HttpObject object && !closing) {
      if (http2
          && message instanceof HttpRequest whole
          && message instanceof LastHttpContent last) {
        queue.add(whole);
        queue.add(LastHttpContent.EMPTY_LAST_CONTENT);
        last.release();
      } else {
        queue.add(object);
      }
      drain();
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  /** Takes from the queue whatever can be dealt with now. */
  private void drain() {
    if (draining) {
      return;
    }
    draining = true;
    try {
      takeFromQueue();
    } finally {
      draining = false;
    }
    boolean full = queue.size() > MOST_QUEUED;
    if (full != queueFull) {
      queueFull = full;
      reading(wantsToRead);
    }
  }

  private void takeFromQueue() {
    while (!queue.isEmpty() && !deciding && !closing && !tunnel) {
      boolean body = !requestDone;
      if (body ? exchange == null && !answered : !answered) {
        break;
      }
      HttpObject next = queue.poll();
      if (!body) {
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
    requestDone = false;
    answered = false;
    responding = false;
    discarded = 0;
    reroutes = 0;
    exchange = null;
    request = null;
    keepAlive = http2 || (HttpUtil.isKeepAlive(head) && !gateway.isDraining());
    expectsContinue = HttpUtil.is100ContinueExpected(head);
    if (ctx().pipeline().get(ENCODER) instanceof ResponseEncoder encoder) {
      encoder.answers(head.method().equals(HttpMethod.HEAD));
    }
    try {
      Request accepted = gateway.check().check(head, http2, secure, peer);
      request = accepted;
      settle(gateway.router().route(accepted), accepted);
    } catch (RequestCheck.Refused refused) {
      keepAlive = http2;
      if (head.decoderResult().isFailure()) {
        // Nothing after a broken head can be understood.
        requestDone = true;
        broken = true;
      }
      answer(refused.answer());
    }
  }

  private void settle(Decision decision, Request forRequest) {
    meter.goesTo(decision, forRequest, ctx());
    switch (decision) {
      case Decision.Reply reply -> answer(reply.answer());
      case Decision.Serve serve -> run(gateway.files().exchange(this, forRequest, serve.site()));
      case Decision.Pass pass ->
          run(new ProxyExchange(this, forRequest, pass, gateway.pool(loop()), gateway.feed()));
      case Decision.Devtools tools ->
          run(
              DevtoolsFront.exchange(
                  this, forRequest, tools, gateway.pool(loop()), gateway.feed()));
      case Decision.Later later -> {
        deciding = true;
        reading(false);
        later
            .decision()
            .whenComplete((decided, failure) ->
                loop()
                    .execute(() -> {
                      deciding = false;
                      if (closing) {
                        return;
                      }
                      if (decided == null) {
                        answer(Answer.of(500, "INTERNAL_ERROR", "The edge failed."));
                      } else {
                        reading(true);
                        settle(decided, forRequest);
                      }
                      drain();
                    }));
      }
    }
  }

  private void run(Exchange started) {
    exchange = started;
    started.start();
  }

  private void part(HttpContent content) {
    boolean last = content instanceof LastHttpContent;
    if (content.decoderResult().isFailure()) {
      content.release();
      brokenBody();
      return;
    }
    requestDone = last;
    Exchange now = exchange;
    if (now != null && !answered) {
      meter.received(content.content().readableBytes());
      now.body(content);
    } else {
      discarded += content.content().readableBytes();
      content.release();
      if (discarded > MOST_DISCARDED && !http2) {
        linger();
        return;
      }
      if (last && answered) {
        next();
      }
    }
  }

  private void brokenBody() {
    requestDone = true;
    broken = true;
    keepAlive = false;
    Exchange now = exchange;
    exchange = null;
    if (now != null) {
      now.clientGone();
    }
    if (responding || answered) {
      shut();
    } else {
      answer(Answer.of(400, "BAD_REQUEST", "The body of the request is not well-formed HTTP."));
    }
  }

  // Front

  @Override
  public EventLoop loop() {
    return ctx().channel().eventLoop();
  }

  @Override
  public ByteBufAllocator alloc() {
    return ctx().alloc();
  }

  @Override
  public Channel channel() {
    return ctx().channel();
  }

  @Override
  public boolean isHttp2() {
    return http2;
  }

  @Override
  public boolean isSecure() {
    return secure;
  }

  @Override
  public boolean isWritable() {
    return ctx().channel().isWritable();
  }

  @Override
  public boolean takesFileRegions() {
    return !http2 && !secure;
  }

  @Override
  public void interim(HttpResponse response) {
    ctx().writeAndFlush(response);
  }

  @Override
  public void head(HttpResponse response, boolean bodyless) {
    responding = true;
    if (!http2) {
      keepAlive &= Framing.delimit(response, bodyless, isOld()) && !gateway.isDraining();
      Framing.persistence(response, keepAlive, isOld());
    }
    meter.answered(response);
    time.byteSeen();
    ctx().write(response);
  }

  @Override
  public void body(HttpContent content) {
    time.byteSeen();
    meter.sent(content);
    ctx().write(content);
  }

  @Override
  public void region(FileRegion region) {
    ctx().write(region, meter.region(ctx()));
  }

  @Override
  public void flush() {
    ctx().flush();
  }

  @Override
  public void end(LastHttpContent last) {
    exchange = null;
    answered = true;
    time.byteSeen();
    meter.sent(last);
    meter.end();
    var written = ctx().writeAndFlush(last);
    if (!written.isDone()) {
      flushing++;
      written.addListener(future -> flushing--);
    }
    if (http2) {
      if (!requestDone) {
        written.addListener(
            future -> ctx().writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR)));
      }
      return;
    }
    if (!keepAlive) {
      written.addListener(future -> linger());
    } else if (requestDone) {
      next();
    } else {
      reading(true);
    }
  }

  /** Everything of this request is over: the next one may come. */
  private void next() {
    if (closing || http2) {
      return;
    }
    request = null;
    reading(true);
    drain();
  }

  @Override
  public void answer(Answer answer) {
    if (responding) {
      abort();
      return;
    }
    if (!requestDone && (expectsContinue || (request != null && request.isLong()))) {
      // The client has not sent its body and may never do so.
      keepAlive = http2;
    }
    FullHttpResponse page = Pages.render(answer, request);
    responding = true;
    if (!http2) {
      keepAlive &= !gateway.isDraining();
      Framing.persistence(page, keepAlive, isOld());
    }
    meter.answered(page);
    end(page);
  }

  private boolean isOld() {
    return request != null && request.oldHttp();
  }

  @Override
  public void abort() {
    exchange = null;
    if (http2) {
      ctx()
          .writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR))
          .addListener(ChannelFutureListener.CLOSE);
    } else {
      ctx().flush();
      shut();
    }
  }

  /** Lets the client read the answer before the connection ends, though it may still be sending. */
  private void linger() {
    if ((requestDone && !broken) || secure || !(ctx().channel() instanceof DuplexChannel duplex)) {
      shut();
      return;
    }
    closing = true;
    releaseQueue();
    duplex.shutdownOutput();
    reading(true);
    loop().schedule(this::shut, LINGER_MS, TimeUnit.MILLISECONDS);
  }

  private void shut() {
    closing = true;
    releaseQueue();
    ctx().close();
  }

  private void releaseQueue() {
    HttpObject next;
    while ((next = queue.poll()) != null) {
      ReferenceCountUtil.release(next);
    }
  }

  @Override
  public void reading(boolean on) {
    wantsToRead = on;
    ctx().channel().config().setAutoRead(on && !queueFull);
  }

  @Override
  public void reroute(Iterable<HttpContent> held) {
    exchange = null;
    boolean whole = requestDone;
    ArrayDeque<HttpObject> later = new ArrayDeque<>(queue);
    queue.clear();
    for (HttpContent content : held) {
      queue.add(content);
      requestDone = false;
    }
    queue.addAll(later);
    Request again = Objects.requireNonNull(request);
    if (++reroutes > MOST_REROUTES) {
      requestDone = whole;
      releaseQueue();
      keepAlive = false;
      answer(Answer.busy("SERVICE_UNAVAILABLE", "The route keeps changing. Try again.", 1));
      return;
    }
    loop()
        .execute(() -> {
          if (!closing) {
            settle(gateway.router().route(again), again);
            drain();
          }
        });
  }

  @Override
  public void upgrade(HttpResponse response, Runnable upstream) {
    if (!queue.isEmpty()) {
      // The client spoke before it was asked to; what it said was read as HTTP.
      shut();
      return;
    }
    tunnel = true;
    responding = true;
    meter.answered(response);
    ctx().writeAndFlush(response);
    ctx().pipeline().remove(ENCODER);
    upstream.run();
    ctx().pipeline().remove(DECODER);
    reading(true);
  }

  @Override
  public void tunnelBytes(ByteBuf bytes) {
    time.byteSeen();
    meter.sent(bytes.readableBytes());
    ctx().writeAndFlush(bytes);
  }

  @Override
  public void endTunnel() {
    exchange = null;
    closing = true;
    ctx().writeAndFlush(ctx().alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    time.byteSeen();
    if (exchange != null && ctx.channel().isWritable()) {
      exchange.clientWritable();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    shut();
  }

  // The clock

  private void tick() {
    Channel channel = ctx().channel();
    if (closing) {
      return;
    }
    if (answered && requestDone && !tunnel) {
      if (!http2) {
        betweenRequests(time.whileIdle(channel));
      }
      return;
    }
    Exchange now = exchange;
    long pause =
        tunnel
            ? gateway.limits().tunnelPause().toMillis()
            : now == null ? Long.MAX_VALUE : now.pauseMs();
    boolean owesBody = !requestDone && !tunnel && channel.config().isAutoRead();
    switch (time.whileBusy(channel, owesBody, pause)) {
      case SLOW_BODY -> slowBody();
      case SILENT -> silent();
      case FINE, IDLE, SLOW_HEADER -> {}
    }
  }

  private void betweenRequests(FrontClock.Verdict verdict) {
    switch (verdict) {
      case SLOW_HEADER -> {
        keepAlive = false;
        broken = true;
        answered = false;
        responding = false;
        request = null;
        if (ctx().pipeline().get(ENCODER) instanceof ResponseEncoder encoder) {
          encoder.answers(false);
        }
        answer(Answer.of(408, "REQUEST_TIMEOUT", "The request's headers took too long."));
      }
      case IDLE -> shut();
      case FINE, SLOW_BODY, SILENT -> {
        if (gateway.isDraining() && flushing == 0) {
          shut();
        }
      }
    }
  }

  private void silent() {
    Exchange now = exchange;
    exchange = null;
    if (now != null) {
      now.clientGone();
    }
    if (tunnel) {
      shut();
    } else if (responding) {
      abort();
    } else {
      answer(Answer.of(504, "GATEWAY_TIMEOUT", "The application did not answer in time."));
    }
  }

  private void slowBody() {
    Exchange now = exchange;
    exchange = null;
    keepAlive = false;
    if (now != null) {
      now.clientGone();
    }
    if (responding) {
      abort();
    } else {
      answer(Answer.of(408, "REQUEST_TIMEOUT", "The request's body took too long."));
    }
  }

  /** The process ends: nothing new on this connection. */
  void drainSoon() {
    loop()
        .execute(() -> {
          if (!http2 && answered && requestDone && flushing == 0 && !time.isInHeader()) {
            shut();
          }
        });
  }

  boolean isBusy() {
    return !answered || tunnel || flushing > 0;
  }
}
