package com.atoll.edge.gateway;

import com.atoll.edge.routes.Feed;
import com.atoll.edge.routes.Grant;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.FileRegion;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client of DevTools. The browser believes that it is asked from its own machine, for it answers
 * nobody else; what it says of its sockets is put into the words of the outside.
 */
final class DevtoolsFront implements Front {
  private static final String INSIDE = "localhost:" + Devtools.PORT;
  private static final int LONGEST = 4 << 20;

  /** How soon a client is cut off whose grant has ended. */
  private static final long LOOK_MS = 5_000;

  private final Front front;
  private final Decision.Devtools tools;
  private final Feed feed;
  private final String outside;
  private final boolean secure;
  private final boolean listing;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private @Nullable HttpResponse held;

  private DevtoolsFront(Front front, Request request, Decision.Devtools tools, Feed feed) {
    this.front = front;
    this.tools = tools;
    this.feed = feed;
    outside = request.host() + tools.prefix();
    secure = request.secure();
    listing = tools.pass().path().startsWith("/json");
  }

  /** Passes a request on to the browser. */
  static Exchange exchange(
      Front front, Request request, Decision.Devtools tools, UpstreamPool pool, Feed feed) {
    HttpHeaders headers = request.headers().copy();
    headers.remove(HttpHeaderNames.ORIGIN);
    headers.remove(HttpHeaderNames.AUTHORIZATION);
    headers.remove(HttpHeaderNames.ACCEPT_ENCODING);
    Request inside =
        new Request(
            request.method(),
            tools.pass().path(),
            INSIDE,
            request.target(),
            headers,
            request.hasBody(),
            request.upgrade(),
            request.oldHttp(),
            request.secure(),
            request.peer());
    return new ProxyExchange(
        new DevtoolsFront(front, request, tools, feed), inside, tools.pass(), pool, feed);
  }

  @Override
  public void head(HttpResponse response, boolean bodyless) {
    if (listing && !bodyless) {
      held = response;
    } else {
      front.head(response, bodyless);
    }
  }

  @Override
  public void body(HttpContent content) {
    if (held == null) {
      front.body(content);
    } else {
      keep(content);
      content.release();
    }
  }

  private void keep(HttpContent content) {
    byte[] bytes = new byte[content.content().readableBytes()];
    content.content().readBytes(bytes);
    if (body.size() + bytes.length <= LONGEST) {
      body.writeBytes(bytes);
    } else {
      // No browser has so much to say of its pages.
      body.reset();
    }
  }

  @Override
  public void end(LastHttpContent last) {
    HttpResponse response = held;
    if (response == null) {
      front.end(last);
      return;
    }
    held = null;
    keep(last);
    last.release();
    byte[] text = outsideWords();
    response.headers().remove(HttpHeaderNames.TRANSFER_ENCODING);
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, text.length);
    front.head(response, false);
    front.end(new DefaultLastHttpContent(Unpooled.wrappedBuffer(text)));
  }

  private byte[] outsideWords() {
    String scheme = secure ? "wss" : "ws";
    return body.toString(StandardCharsets.UTF_8)
        .replace("ws://" + INSIDE, scheme + "://" + outside)
        .replace("ws=" + INSIDE, scheme + "=" + outside)
        .getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void upgrade(HttpResponse response, Runnable upstream) {
    front.upgrade(response, upstream);
    lookLater();
  }

  private void lookLater() {
    var _ = loop().schedule(this::look, LOOK_MS, TimeUnit.MILLISECONDS);
  }

  private void look() {
    if (channel().isActive()) {
      feed.grant(tools.sandboxId(), Devtools.PORT, tools.token())
          .whenComplete((grant, failure) -> loop().execute(() -> looked(grant)));
    }
  }

  private void looked(@Nullable Grant grant) {
    if (grant instanceof Grant.Denied) {
      channel().close();
    } else {
      lookLater();
    }
  }

  @Override
  public EventLoop loop() {
    return front.loop();
  }

  @Override
  public ByteBufAllocator alloc() {
    return front.alloc();
  }

  @Override
  public Channel channel() {
    return front.channel();
  }

  @Override
  public boolean isHttp2() {
    return front.isHttp2();
  }

  @Override
  public boolean isSecure() {
    return front.isSecure();
  }

  @Override
  public boolean isWritable() {
    return front.isWritable();
  }

  @Override
  public boolean takesFileRegions() {
    return front.takesFileRegions();
  }

  @Override
  public void interim(HttpResponse response) {
    front.interim(response);
  }

  @Override
  public void region(FileRegion region) {
    front.region(region);
  }

  @Override
  public void flush() {
    front.flush();
  }

  @Override
  public void answer(Answer answer) {
    front.answer(answer);
  }

  @Override
  public void abort() {
    front.abort();
  }

  @Override
  public void reading(boolean on) {
    front.reading(on);
  }

  @Override
  public void reroute(Iterable<HttpContent> parts) {
    front.reroute(parts);
  }

  @Override
  public void tunnelBytes(ByteBuf bytes) {
    front.tunnelBytes(bytes);
  }

  @Override
  public void endTunnel() {
    front.endTunnel();
  }
}
