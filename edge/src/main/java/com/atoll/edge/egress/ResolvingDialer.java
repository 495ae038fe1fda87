package com.atoll.edge.egress;

import com.atoll.edge.dns.Resolver;
import com.atoll.edge.routes.Route;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.concurrent.Promise;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * Connects to a host: resolves its name itself and connects to one of exactly those addresses, each
 * checked, so that a name cannot mean one address for the check and another for the connection.
 */
final class ResolvingDialer implements Dialer {
  private static final int TIMEOUT_MS = 5_000;
  private static final int QUESTIONS = 256;

  private final Resolver resolver;
  private final Ranges ranges;
  private final Semaphore questions = new Semaphore(QUESTIONS);

  ResolvingDialer(Resolver resolver, Ranges ranges) {
    this.resolver = resolver;
    this.ranges = ranges;
  }

  @Override
  public Promise<Channel> dial(
      EventLoop loop,
      String host,
      int port,
      Route.Egress policy,
      ChannelInitializer<Channel> handlers) {
    Promise<Channel> promise = loop.newPromise();
    if (!questions.tryAcquire()) {
      return promise.setFailure(new Refusal.Refused(Refusal.BUSY));
    }
    Thread.ofVirtual()
        .start(() -> {
          List<Inet4Address> found;
          try {
            found = addresses(host);
          } finally {
            questions.release();
          }
          List<Inet4Address> open =
              found.stream()
                  .filter(address -> Decider.admits(policy, host, address.getHostAddress()))
                  .toList();
          List<Inet4Address> admitted = ranges.admitted(open);
          if (open.isEmpty() && !found.isEmpty()) {
            Verdict denial = Decider.at(policy, host, found.getFirst().getHostAddress());
            promise.tryFailure(new Refusal.Refused(denial.refusal(), denial.ruleId()));
          } else if (admitted.isEmpty()) {
            promise.tryFailure(
                new Refusal.Refused(found.isEmpty() ? Refusal.UNKNOWN_NAME : Refusal.ADDRESS));
          } else {
            connect(loop, admitted, port, handlers, promise);
          }
        });
    return promise;
  }

  private List<Inet4Address> addresses(String host) {
    try {
      return InetAddress.ofLiteral(host) instanceof Inet4Address literal
          ? List.of(literal)
          : List.of();
    } catch (IllegalArgumentException name) {
      return resolver.addresses(host);
    }
  }

  private static void connect(
      EventLoop loop,
      List<Inet4Address> addresses,
      int port,
      ChannelInitializer<Channel> handlers,
      Promise<Channel> promise) {
    var connecting =
        new Bootstrap()
            .group(loop)
            .channel(EpollSocketChannel.class)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, TIMEOUT_MS)
            .option(ChannelOption.AUTO_READ, false)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(64 << 10, 256 << 10))
            .handler(handlers)
            .connect(new InetSocketAddress(addresses.getFirst(), port));
    connecting.addListener(done -> {
      if (done.isSuccess()) {
        if (!promise.trySuccess(connecting.channel())) {
          connecting.channel().close();
        }
      } else if (addresses.size() > 1 && !promise.isCancelled()) {
        connect(loop, addresses.subList(1, addresses.size()), port, handlers, promise);
      } else {
        promise.tryFailure(new Refusal.Refused(Refusal.UNREACHABLE));
      }
    });
  }
}
