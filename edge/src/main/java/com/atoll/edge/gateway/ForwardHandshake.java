package com.atoll.edge.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.Promise;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The first line of {@code proto/streams.md} and its answer; what follows is the inside's own. */
final class ForwardHandshake extends ByteToMessageDecoder {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int LONGEST_ANSWER = 4096;

  private final Upstream.Forward forward;
  private final Promise<UpstreamFailure> refused;
  private final Runnable accepted;

  /**
   * @param accepted run when raw bytes may flow
   * @param refused completed with the reason when they may not
   */
  ForwardHandshake(Upstream.Forward forward, Runnable accepted, Promise<UpstreamFailure> refused) {
    this.forward = forward;
    this.accepted = accepted;
    this.refused = refused;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    var line = JSON.createObjectNode();
    line.putObject("forward")
        .put("id", forward.owner().id())
        .put("incarnation", forward.owner().incarnation())
        .put("port", forward.port());
    ctx.writeAndFlush(Unpooled.copiedBuffer(line + "\n", StandardCharsets.UTF_8));
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    int end = in.bytesBefore((byte) '\n');
    if (end < 0) {
      if (in.readableBytes() > LONGEST_ANSWER) {
        refuse(ctx, UpstreamFailure.GARBLED);
      }
      return;
    }
    String line = in.readString(end, StandardCharsets.UTF_8);
    in.skipBytes(1);
    JsonNode answer;
    try {
      answer = JSON.readTree(line);
    } catch (JacksonException notJson) {
      refuse(ctx, UpstreamFailure.GARBLED);
      return;
    }
    if (answer.path("ok").asBoolean(false)) {
      accepted.run();
      ctx.pipeline().remove(this);
    } else {
      refuse(
          ctx,
          switch (answer.path("code").asString("")) {
            case "GONE", "NOT_FOUND" -> UpstreamFailure.GONE;
            case "REFUSED" -> UpstreamFailure.REFUSED;
            default -> UpstreamFailure.UNREACHABLE;
          });
    }
  }

  private void refuse(ChannelHandlerContext ctx, UpstreamFailure why) {
    refused.trySuccess(why);
    ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    refused.trySuccess(UpstreamFailure.AWAY);
    super.channelInactive(ctx);
  }
}
