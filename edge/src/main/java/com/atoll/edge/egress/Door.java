package com.atoll.edge.egress;

import com.atoll.edge.routes.Route;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** What all connections share. */
record Door(
    Callers callers, Dialer dialer, Audit audit, Inspection inspection, Injections injections) {
  static final int LINE = 16 << 10;
  static final int HEADERS = 64 << 10;
  private static final int CHUNK = 64 << 10;
  private static final int IDLE_SECONDS = 900;

  static HttpDecoderConfig config() {
    return new HttpDecoderConfig()
        .setMaxInitialLineLength(LINE)
        .setMaxHeaderSize(HEADERS)
        .setMaxChunkSize(CHUNK);
  }

  /** One too many that says nothing by then is closed. */
  private static final long TURNED_AWAY_MS = 2_000;

  /**
   * Watches a connection; true when it is one too many, and can be told so. Then it ends soon.
   *
   * @param asked whether its caller has said what it wants
   */
  boolean isCrowded(Channel channel, Callers.Open what, String protocol, BooleanSupplier asked) {
    return switch (callers.watch(channel, what)) {
      case LEFT -> false;
      case NONE -> {
        Runnable end =
            () -> {
              if (asked.getAsBoolean()) {
                channel.close();
              } else if (channel.isActive()) {
                turnAway(channel, protocol);
              }
            };
        var _ = channel.eventLoop().schedule(end, TURNED_AWAY_MS, TimeUnit.MILLISECONDS);
        yield true;
      }
      case EXHAUSTED -> {
        turnAway(channel, protocol);
        yield true;
      }
    };
  }

  /** Ends a connection that is one too many, and writes it down. */
  private void turnAway(Channel channel, String protocol) {
    String dialed = Objects.requireNonNullElse(Destination.of(channel), "");
    Audit.Call call = new Audit.Call(protocol, dialed, "", "");
    Route.Egress policy = callers.policy(Callers.address(channel));
    if (policy != null) {
      audit.refused(policy, call, new Verdict(Verdict.Kind.DENY, ""), Refusal.BUSY);
    }
    channel.close();
  }

  /** Makes a caller's connection speak HTTP/1; whoever watches it tells the result of changes. */
  HttpFront speakHttp(ChannelPipeline pipeline, String address, String secureName) {
    HeadAwareEncoder encoder = new HeadAwareEncoder();
    pipeline.addLast("idle", new IdleStateHandler(0, 0, IDLE_SECONDS, TimeUnit.SECONDS));
    pipeline.addLast("idle-end", new IdleEnd());
    pipeline.addLast("decoder", new HttpRequestDecoder(config()));
    pipeline.addLast("encoder", encoder);
    pipeline.addLast("flow", new FlowControlHandler());
    HttpFront front = new HttpFront(this, encoder, address, secureName);
    pipeline.addLast("front", front);
    return front;
  }

  /** Makes a connection to a host speak HTTP/1, below TLS when it is secure. */
  void upstream(Channel channel, String host, boolean secure) {
    if (secure) {
      channel.pipeline().addLast("tls", inspection.client().newHandler(channel.alloc(), host, 443));
    }
    // Every client understands a length that is said twice (RFC 9110, 8.6), one beside chunks, and
    // lines without a carriage return (RFC 9112, 6.3 and 2.2); what goes on is without them.
    HttpDecoderConfig answers =
        config()
            .setAllowDuplicateContentLengths(true)
            .setUseRfc9112TransferEncoding(false)
            .setStrictLineParsing(false);
    channel.pipeline().addLast("http", new HttpClientCodec(answers, false, false));
  }
}
