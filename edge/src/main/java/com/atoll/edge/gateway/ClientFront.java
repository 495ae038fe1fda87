package com.atoll.edge.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.FileRegion;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import java.util.concurrent.TimeUnit;

/** Writes the answers of one client's connection or stream, and ends it in good order. */
final class ClientFront implements Front {
  private static final long LINGER_MS = 1_000;

  private final GatewayContext gateway;
  private final ChannelHandlerContext context;
  private final boolean http2;
  private final boolean secure;
  private final Turn turn;
  private final Inbox inbox;
  private final FrontClock time;
  private final Meter meter;
  private final Requests requests;
  private boolean closing;

  /** Answers that are complete and not yet with the client. */
  private int flushing;

  /** Where the client's requests are taken. */
  interface Requests {
    /** The last one is over. */
    void next();

    /** This one goes to the router again, with the parts of its body that were not sent. */
    void reroute(Iterable<HttpContent> held);
  }

  ClientFront(GatewayContext gateway, ClientConnection client, Requests requests) {
    this.gateway = gateway;
    this.context = client.context();
    this.http2 = client.http2();
    this.secure = client.secure();
    this.turn = client.turn();
    this.inbox = client.inbox();
    this.time = client.time();
    this.meter = client.meter();
    this.requests = requests;
  }

  @Override
  public EventLoop loop() {
    return context.channel().eventLoop();
  }

  @Override
  public ByteBufAllocator alloc() {
    return context.alloc();
  }

  @Override
  public Channel channel() {
    return context.channel();
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
    return context.channel().isWritable();
  }

  @Override
  public boolean takesFileRegions() {
    return !http2 && !secure;
  }

  @Override
  public void reading(boolean on) {
    inbox.reading(on);
  }

  @Override
  public void reroute(Iterable<HttpContent> held) {
    requests.reroute(held);
  }

  /** The next answer is one to HEAD, which has no body, or to anything else. */
  void answersHead(boolean isHead) {
    if (context.pipeline().get(FrontHandler.ENCODER) instanceof ResponseEncoder encoder) {
      encoder.answers(isHead);
    }
  }

  @Override
  public void interim(HttpResponse response) {
    context.writeAndFlush(response);
  }

  @Override
  public void head(HttpResponse response, boolean bodyless) {
    turn.responding();
    if (!http2) {
      boolean delimited = Framing.delimit(response, bodyless, turn.isOld());
      persist(response, delimited);
    }
    meter.answered(response);
    time.byteSeen();
    context.write(response);
  }

  private void persist(HttpResponse response, boolean delimited) {
    turn.keptAlive(turn.isKeptAlive() && delimited && !gateway.isDraining());
    Framing.persistence(response, turn.isKeptAlive(), turn.isOld());
  }

  @Override
  public void body(HttpContent content) {
    time.byteSeen();
    meter.sent(content);
    context.write(content);
  }

  @Override
  public void region(FileRegion region) {
    context.write(region, meter.region(context));
  }

  @Override
  public void flush() {
    context.flush();
  }

  @Override
  public void end(LastHttpContent last) {
    turn.answered();
    time.byteSeen();
    meter.sent(last);
    meter.end();
    var written = context.writeAndFlush(last);
    if (!written.isDone()) {
      flushing++;
      written.addListener(future -> flushing--);
    }
    if (http2) {
      if (!turn.isReceived()) {
        written.addListener(
            future -> context.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR)));
      }
      return;
    }
    if (!turn.isKeptAlive()) {
      written.addListener(future -> linger());
    } else if (turn.isReceived()) {
      requests.next();
    } else {
      reading(true);
    }
  }

  @Override
  public void answer(Answer answer) {
    if (turn.isResponding()) {
      abort();
      return;
    }
    if (turn.mayKeepItsBody()) {
      turn.keptAlive(http2);
    }
    FullHttpResponse page = Pages.render(answer, turn.request());
    turn.responding();
    if (!http2) {
      persist(page, true);
    }
    meter.answered(page);
    end(page);
  }

  @Override
  public void abort() {
    turn.leave();
    if (http2) {
      context
          .writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR))
          .addListener(ChannelFutureListener.CLOSE);
    } else {
      context.flush();
      shut();
    }
  }

  @Override
  public void upgrade(HttpResponse response, Runnable upstream) {
    if (!inbox.isEmpty()) {
      // The client spoke before it was asked to; what it said was read as HTTP.
      shut();
      return;
    }
    turn.becomeTunnel();
    meter.answered(response);
    context.writeAndFlush(response);
    context.pipeline().remove(FrontHandler.ENCODER);
    upstream.run();
    context.pipeline().remove(FrontHandler.DECODER);
    reading(true);
  }

  @Override
  public void tunnelBytes(ByteBuf bytes) {
    time.byteSeen();
    meter.sent(bytes.readableBytes());
    context.writeAndFlush(bytes);
  }

  @Override
  public void endTunnel() {
    turn.leave();
    closing = true;
    context.writeAndFlush(context.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
  }

  // The end

  /** Whether nothing of this client is taken any more. */
  boolean isClosing() {
    return closing;
  }

  /** Whether a complete answer is on its way to the client. */
  boolean isFlushing() {
    return flushing > 0;
  }

  /** Lets the client read the answer before the connection ends, though it may still be sending. */
  void linger() {
    if ((turn.isReceived() && !turn.isBroken())
        || secure
        || !(context.channel() instanceof DuplexChannel duplex)) {
      shut();
      return;
    }
    closing = true;
    inbox.release();
    duplex.shutdownOutput();
    reading(true);
    loop().schedule(this::shut, LINGER_MS, TimeUnit.MILLISECONDS);
  }

  /** Ends the connection. */
  void shut() {
    gone();
    context.close();
  }

  /** The connection has ended. */
  void gone() {
    closing = true;
    inbox.release();
  }
}
