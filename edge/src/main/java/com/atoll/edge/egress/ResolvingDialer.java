package com.atoll.edge.egress;

import com.atoll.edge.dns.Resolver;
import com.atoll.edge.routes.Route;
import com.atoll.model.FairShare;
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
import org.jspecify.annotations.Nullable;

/**
 * Connects to a host: resolves its name itself and connects to one of exactly those addresses, each
 * checked, so that a name cannot mean one address for the check and another for the connection.
 */
final class ResolvingDialer implements Dialer {
  private static final int TIMEOUT_MS = 5_000;
  private static final int QUESTIONS = 256;
  private static final int QUESTIONS_EACH = 32;

  private final Resolver resolver;
  private final Ranges ranges;
  private final FairShare<String> questions = new FairShare<>(QUESTIONS, QUESTIONS_EACH);

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
      Verdict allowed,
      ChannelInitializer<Channel> handlers) {
    Promise<Channel> promise = loop.newPromise();
    Thread.ofVirtual()
        .start(() -> {
          List<Inet4Address> found = addresses(host, policy.sandboxId());
          if (found == null) {
            promise.tryFailure(new Refusal.Refused(Refusal.BUSY));
            return;
          }
          List<Inet4Address> open =
              found.stream()
                  .filter(address -> Decider.admits(policy, allowed, address.getHostAddress()))
                  .toList();
          List<Inet4Address> admitted = ranges.admitted(open);
          if (open.isEmpty() && !found.isEmpty()) {
            Verdict denial = Decider.at(policy, allowed, found.getFirst().getHostAddress());
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

  /** Null when the sandbox has too many questions open; what is known already needs none. */
  private @Nullable List<Inet4Address> addresses(String host, String sandboxId) {
    try {
      return InetAddress.ofLiteral(host) instanceof Inet4Address literal
          ? List.of(literal)
          : List.of();
    } catch (IllegalArgumentException name) {
      List<Inet4Address> known = resolver.known(host);
      if (known != null) {
        return known;
      }
    }
    if (!questions.take(sandboxId)) {
      return null;
    }
    try {
      return resolver.addresses(host);
    } finally {
      questions.giveBack(sandboxId);
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
