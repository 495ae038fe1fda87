package com.atoll.edge.egress;

import com.atoll.edge.routes.Route;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Promise;

/** Makes the connections to hosts. */
interface Dialer {
  /**
   * A connection on this event loop, which reads nothing before it is asked to; fails with a {@link
   * Refusal.Refused}.
   *
   * @param policy of whoever calls; it may close addresses that the host's name leads to
   * @param allowed what it says of the call
   */
  Promise<Channel> dial(
      EventLoop loop,
      String host,
      int port,
      Route.Egress policy,
      Verdict allowed,
      ChannelInitializer<Channel> handlers);
}
