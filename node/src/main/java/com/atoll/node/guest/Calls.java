package com.atoll.node.guest;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The connections to one agent over TCP. The end of a machine whose network ends with it breaks
 * none of them: whoever hears of that end does.
 */
final class Calls {
  private static final int MANY = 32;

  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private volatile boolean over;

  void add(SocketChannel channel) throws IOException {
    if (open.size() >= MANY) {
      open.removeIf(each -> !each.isOpen());
    }
    open.add(channel);
    if (over) {
      channel.close();
      throw new IOException("the machine has ended");
    }
  }

  void breakOff() {
    over = true;
    open.forEach(Calls::close);
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException closed) {
      // There is nothing left to release.
      return;
    }
  }
}
