package com.atoll.edge.gateway;

import com.atoll.edge.routes.Feed;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Passes one request to one upstream and its answer back. Until the upstream has answered, the
 * request may move to another one, as long as it can be sent again without harm.
 */
final class ProxyExchange implements Exchange, UpstreamUser, Destination.Attempt {
  private static final int MOST_INTERIMS = 32;

  private final Front front;
  private final Request request;
  private final Decision.Pass pass;
  private final UpstreamPool pool;
  private final Feed feed;
  private final long startedAt = System.nanoTime();

  /** Body parts that no upstream has taken yet. */
  private final ArrayDeque<HttpContent> held = new ArrayDeque<>();

  private @Nullable UpstreamConnection connection;
  private boolean open;
  private boolean requestSent;
  private boolean answered;
  private boolean skipEnd;
  private @Nullable HttpResponse upgraded;
  private boolean tunnel;
  private boolean done;
  private boolean keepable;
  private long keptForMs = -1;
  private int resets;
  private int interims;
  private long activityAt;

  ProxyExchange(Front front, Request request, Decision.Pass pass, UpstreamPool pool, Feed feed) {
    this.front = front;
    this.request = request;
    this.pass = pass;
    this.pool = pool;
    this.feed = feed;
  }

  @Override
  public void start() {
    front.reading(false);
    pass.destination().next(null, this);
  }

  // Destination.Attempt

  @Override
  public UpstreamPool pool() {
    return pool;
  }

  @Override
  public long elapsedMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedAt);
  }

  @Override
  public int resets() {
    return resets;
  }

  @Override
  public void use(Upstream upstream) {
    boolean fresh = resets > 0 || request.upgrade() != null;
    pool.acquire(upstream, fresh, !request.isRepeatable(), this);
  }

  @Override
  public void retryIn(long millis) {
    front
        .loop()
        .schedule(
            () -> {
              if (!done) {
                pass.destination().next(UpstreamFailure.REFUSED, this);
              }
            },
            millis,
            TimeUnit.MILLISECONDS);
  }

  @Override
  public void reroute() {
    if (done) {
      return;
    }
    done = true;
    List<HttpContent> handed = List.copyOf(held);
    held.clear();
    front.reroute(handed);
  }

  @Override
  public void answer(Answer answer) {
    if (!done) {
      done = true;
      releaseHeld();
      front.answer(answer);
    }
  }

  // The way to the upstream

  @Override
  public void connected(UpstreamConnection leased, boolean reused) {
    if (done) {
      pool.release(leased, -1);
      return;
    }
    connection = leased;
    Channel channel = leased.channel();
    if (!front.isWritable()) {
      channel.config().setAutoRead(false);
    }
    if (request.hasBody()) {
      var written = channel.writeAndFlush(Forwarding.request(request, pass.path()));
      if (!reused) {
        openBody();
      } else {
        // A kept connection may be dead. The body waits until the head is away: a head that
        // could not be written reached nobody, so the request may go to another connection.
        written.addListener(future -> {
          if (!leased.equals(connection)) {
            return;
          }
          if (future.isSuccess()) {
            openBody();
          } else {
            lost(true);
          }
        });
      }
    } else {
      channel.write(Forwarding.request(request, pass.path()));
      channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
      requestSent = true;
      pass.destination().forwarded();
      if (request.upgrade() == null) {
        front.reading(true);
      }
    }
  }

  private void openBody() {
    UpstreamConnection now = connection;
    if (now == null) {
      return;
    }
    open = true;
    HttpContent next;
    while ((next = held.poll()) != null) {
      send(now, next);
    }
    now.channel().flush();
    if (requestSent) {
      pass.destination().forwarded();
    }
    front.reading(now.channel().isWritable());
  }

  private void send(UpstreamConnection to, HttpContent content) {
    requestSent |= content instanceof LastHttpContent;
    to.channel().write(content);
  }

  @Override
  public void body(HttpContent content) {
    UpstreamConnection now = connection;
    if (done || !request.hasBody()) {
      content.release();
    } else if (now == null || !open) {
      held.add(content);
    } else {
      send(now, content);
      now.channel().flush();
      if (requestSent) {
        pass.destination().forwarded();
      }
      if (!now.channel().isWritable()) {
        front.reading(false);
      }
    }
  }

  @Override
  public void connectFailed(UpstreamFailure failure) {
    if (!done) {
      pass.destination().next(failure, this);
    }
  }

  /** The connection ended before an answer. */
  private void lost(boolean nothingSent) {
    UpstreamConnection broken = connection;
    connection = null;
    if (broken != null) {
      broken.leave();
      broken.close();
    }
    if (done) {
      return;
    }
    if (answered) {
      done = true;
      front.abort();
      return;
    }
    resets++;
    boolean again = nothingSent || request.isRepeatable();
    if (again && !front.isHttp2() && !front.channel().isActive()) {
      clientGone();
      return;
    }
    front.reading(false);
    pass.destination().next(again ? UpstreamFailure.RESET : UpstreamFailure.GARBLED, this);
  }

  // The way back

  @Override
  public void responseHead(HttpResponse response) {
    UpstreamConnection now = connection;
    if (now == null || done) {
      return;
    }
    if (response.decoderResult().isFailure()) {
      garbled();
      return;
    }
    int status = response.status().code();
    if (status == 101) {
      if (request.upgrade() == null) {
        garbled();
      } else {
        upgraded = Forwarding.upgraded(response);
      }
      return;
    }
    if (status < 200) {
      skipEnd = true;
      if (++interims > MOST_INTERIMS) {
        garbled();
      } else if (!request.oldHttp()) {
        front.interim(
            new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                response.status(),
                front.alloc().buffer(0),
                Forwarding.response(response, null).headers(),
                new DefaultLastHttpContent().trailingHeaders()));
      }
      return;
    }
    answered = true;
    keepable =
        HttpUtil.isKeepAlive(response)
            && (HttpUtil.isTransferEncodingChunked(response)
                || response.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
                || isBodyless(status));
    keptForMs = Forwarding.keptForMs(response);
    pass.destination().answered();
    front.head(Forwarding.response(response, pass.setCookie()), isBodyless(status));
    if (request.upgrade() != null) {
      front.reading(true);
    }
  }

  private boolean isBodyless(int status) {
    return request.isHead() || status == 204 || status == 304;
  }

  private void garbled() {
    UpstreamConnection broken = connection;
    connection = null;
    if (broken != null) {
      broken.leave();
      broken.close();
    }
    if (answered) {
      done = true;
      front.abort();
    } else {
      pass.destination().next(UpstreamFailure.GARBLED, this);
    }
  }

  @Override
  public void responseBody(HttpContent content) {
    UpstreamConnection now = connection;
    if (now == null || done || (skipEnd && content instanceof LastHttpContent)) {
      skipEnd = false;
      content.release();
      return;
    }
    if (upgraded != null) {
      content.release();
      answered = true;
      tunnel = true;
      front.upgrade(upgraded, now::becomeTunnel);
      return;
    }
    if (content.decoderResult().isFailure()) {
      content.release();
      garbled();
      return;
    }
    touch();
    if (content instanceof LastHttpContent last) {
      finish(now, last);
      return;
    }
    front.body(content);
    if (!front.isWritable()) {
      front.flush();
      if (!front.isWritable()) {
        now.channel().config().setAutoRead(false);
      }
    }
  }

  private void finish(UpstreamConnection now, LastHttpContent last) {
    done = true;
    connection = null;
    releaseHeld();
    if (keepable && requestSent) {
      pool.release(now, keptForMs);
    } else {
      now.leave();
      now.close();
    }
    front.end(last);
  }

  @Override
  public void upstreamReadComplete() {
    front.flush();
  }

  @Override
  public void clientWritable() {
    if (connection != null) {
      connection.channel().config().setAutoRead(true);
    }
  }

  @Override
  public void upstreamWritable() {
    if (open || tunnel) {
      front.reading(true);
    }
  }

  @Override
  public void upstreamClosed() {
    if (tunnel) {
      connection = null;
      done = true;
      front.endTunnel();
    } else {
      lost(false);
    }
  }

  // After an upgrade

  @Override
  public void tunnelBytes(ByteBuf bytes) {
    if (connection == null) {
      bytes.release();
      return;
    }
    touch();
    front.tunnelBytes(bytes);
    if (!front.isWritable()) {
      connection.channel().config().setAutoRead(false);
    }
  }

  @Override
  public void clientTunnelBytes(ByteBuf bytes) {
    if (connection == null) {
      bytes.release();
      return;
    }
    touch();
    connection.channel().writeAndFlush(bytes);
    if (!connection.channel().isWritable()) {
      front.reading(false);
    }
  }

  @Override
  public void clientGone() {
    done = true;
    releaseHeld();
    UpstreamConnection last = connection;
    connection = null;
    if (last != null) {
      last.leave();
      last.close();
    }
  }

  @Override
  public long pauseMs() {
    return pass.destination().pauseMs();
  }

  private void touch() {
    String sandboxId = pass.destination().sandboxId();
    if (sandboxId != null && System.nanoTime() - activityAt > 1_000_000_000L) {
      activityAt = System.nanoTime();
      feed.activity(sandboxId);
    }
  }

  private void releaseHeld() {
    HttpContent next;
    while ((next = held.poll()) != null) {
      next.release();
    }
  }
}
