package com.atoll.edge.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;

/**
 * One connection of HTTP/1, or one stream of HTTP/2, and how things stand on it.
 *
 * @param context where in its pipeline requests arrive and answers are written
 * @param http2 whether it is a stream
 * @param secure whether it is encrypted
 * @param peer the address of the client
 * @param turn the request it is busy with
 * @param inbox what came after that
 * @param time how long it has been silent
 * @param meter what the client is served
 */
record ClientConnection(
    ChannelHandlerContext context,
    boolean http2,
    boolean secure,
    String peer,
    Turn turn,
    Inbox inbox,
    FrontClock time,
    Meter meter) {

  static ClientConnection of(
      GatewayContext gateway,
      ChannelHandlerContext context,
      boolean http2,
      boolean secure,
      String peer) {
    return new ClientConnection(
        context,
        http2,
        secure,
        peer,
        new Turn(),
        new Inbox(context.channel()),
        new FrontClock(gateway.limits()),
        new Meter(gateway));
  }

  Channel channel() {
    return context.channel();
  }
}
