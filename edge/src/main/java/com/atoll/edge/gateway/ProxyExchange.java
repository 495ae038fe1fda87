package com.atoll.edge.gateway;

import com.atoll.edge.routes.Feed;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Passes one request to one upstream and its answer back. Until the upstream has answered, the
 * request may move to another one, as long as it can be sent again without harm.
 */
final class ProxyExchange implements Exchange, UpstreamUser, Destination.Attempt {
  private final Front front;
  private final Request request;
  private final Decision.Pass pass;
  private final UpstreamPool pool;
  private final Feed feed;
  private final long startedAt = System.nanoTime();
  private final RequestBody requestBody = new RequestBody();
  private final UpstreamAnswer response;
  private @Nullable UpstreamConnection connection;
  private boolean tunnel;
  private boolean done;
  private int resets;
  private long activityAt;

  ProxyExchange(Front front, Request request, Decision.Pass pass, UpstreamPool pool, Feed feed) {
    this.front = front;
    this.request = request;
    this.pass = pass;
    this.pool = pool;
    this.feed = feed;
    this.response = new UpstreamAnswer(front, request, pass);
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
  public void startAfter(CompletableFuture<?> known) {
    known.whenCompleteAsync(
        (value, failure) -> {
          if (!done) {
            pass.destination().next(null, this);
          }
        },
        front.loop());
  }

  @Override
  public void reroute() {
    if (done) {
      return;
    }
    done = true;
    front.reroute(requestBody.handOver());
  }

  @Override
  public void answer(Answer answer) {
    if (!done) {
      done = true;
      requestBody.release();
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
      requestBody.none(channel);
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
    requestBody.open(now.channel());
    if (requestBody.isComplete()) {
      pass.destination().forwarded();
    }
    front.reading(now.channel().isWritable());
  }

  @Override
  public void body(HttpContent part) {
    UpstreamConnection now = connection;
    if (done || !request.hasBody()) {
      part.release();
    } else if (now == null || !requestBody.isOpen()) {
      requestBody.hold(part);
    } else {
      requestBody.send(part, now.channel());
      if (requestBody.isComplete()) {
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
    drop();
    if (done) {
      return;
    }
    if (response.hasBegun()) {
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

  /** Ends the connection to the upstream. */
  private void drop() {
    UpstreamConnection last = connection;
    connection = null;
    if (last != null) {
      last.leave();
      last.close();
    }
  }

  // The way back

  @Override
  public void responseHead(HttpResponse head) {
    if (connection != null && !done && !response.head(head)) {
      garbled();
    }
  }

  private void garbled() {
    drop();
    if (response.hasBegun()) {
      done = true;
      front.abort();
    } else {
      pass.destination().next(UpstreamFailure.GARBLED, this);
    }
  }

  @Override
  public void responseBody(HttpContent content) {
    UpstreamConnection now = connection;
    if (now == null || done || response.endsInterim(content)) {
      content.release();
      return;
    }
    if (response.isUpgrade()) {
      content.release();
      tunnel = true;
      response.upgrade(now::becomeTunnel);
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
    requestBody.release();
    if (response.isKeepable() && requestBody.isComplete()) {
      pool.release(now, response.keptForMs());
    } else {
      now.leave();
      now.close();
    }
    front.end(last);
  }

  @Override
  public void look() {
    Permit permit = pass.permit();
    if (permit != null && !done) {
      permit.look(front.loop(), this::cutOff);
    }
  }

  /** What it was let through by has ended. */
  private void cutOff() {
    if (done) {
      return;
    }
    drop();
    if (tunnel) {
      done = true;
      front.channel().close();
    } else if (response.hasBegun()) {
      done = true;
      requestBody.release();
      front.abort();
    } else {
      answer(PreviewGate.unauthorized());
    }
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
    if (requestBody.isOpen() || tunnel) {
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
    requestBody.release();
    drop();
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
}
