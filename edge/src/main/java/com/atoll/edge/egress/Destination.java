package com.atoll.edge.egress;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.RawUnixChannelOption;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Where a caller meant to go before the kernel brought it here. */
final class Destination {
  private static final RawUnixChannelOption ORIGINAL_DESTINATION =
      new RawUnixChannelOption("SO_ORIGINAL_DST", 0, 80, 16);

  private Destination() {}

  /** The IPv4 address that it dialed; null when the kernel does not say. */
  static @Nullable String of(Channel channel) {
    ByteBuffer raw = option(channel);
    if (raw == null || raw.remaining() < 8) {
      return null;
    }
    return (raw.get(4) & 0xff)
        + "."
        + (raw.get(5) & 0xff)
        + "."
        + (raw.get(6) & 0xff)
        + "."
        + (raw.get(7) & 0xff);
  }

  /** A kernel that follows no connections has no such option. */
  private static @Nullable ByteBuffer option(Channel channel) {
    try {
      return channel.config().getOption(ORIGINAL_DESTINATION);
    } catch (ChannelException unknown) {
      return null;
    }
  }
}
