package com.atoll.edge.transport;

import io.netty.channel.Channel;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;

/**
 * Epoll for channels that are read no faster than the other side takes it, and of which one
 * direction may end before the other.
 *
 * <p>Netty 4.2.18 takes a channel that waits for nothing out of the kernel's set, as one does whose
 * input has ended, and does not know afterwards that it is out: the next write that has to wait
 * fails, and what was to follow is lost. Here such a channel stays in the set.
 *
 * <p>Once Netty is told that the other side has said all, it reads to the end at once whoever has
 * asked for that: megabytes of each connection to a host, as long as a caller takes them slowly. Of
 * a channel that was dialed the kernel does not tell; whoever reads it finds the end behind what
 * was said. One that was accepted is not read while its call is under way, and its hanging up has
 * to be heard nevertheless.
 */
public final class RelayEpoll implements IoHandler {
  private final IoHandler epoll;

  private RelayEpoll(IoHandler epoll) {
    this.epoll = epoll;
  }

  /** What makes one for each event loop. */
  public static IoHandlerFactory factory() {
    IoHandlerFactory plain = EpollIoHandler.newFactory();
    return executor -> new RelayEpoll(plain.newHandler(executor));
  }

  @Override
  public void initialize() {
    epoll.initialize();
  }

  @Override
  public int run(IoHandlerContext context) {
    return epoll.run(context);
  }

  @Override
  public void prepareToDestroy() {
    epoll.prepareToDestroy();
  }

  @Override
  public void destroy() {
    epoll.destroy();
  }

  @Override
  public IoRegistration register(IoHandle handle) throws Exception {
    boolean dialed = handle instanceof Channel.Unsafe channel && channel.remoteAddress() == null;
    return new Kept(epoll.register(handle), dialed);
  }

  @Override
  public void wakeup() {
    epoll.wakeup();
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> type) {
    return epoll.isCompatible(type);
  }

  /** Stays in the set from when it is first in it. */
  private static final class Kept implements IoRegistration {
    private final IoRegistration plain;
    private final boolean dialed;
    private boolean added;

    Kept(IoRegistration plain, boolean dialed) {
      this.plain = plain;
      this.dialed = dialed;
    }

    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals") // the interface has it so
    public <T> T attachment() {
      return plain.attachment();
    }

    @Override
    public long submit(IoOps ops) {
      IoOps heard =
          dialed && ops instanceof EpollIoOps all ? all.without(EpollIoOps.EPOLLRDHUP) : ops;
      if (!EpollIoOps.NONE.equals(heard)) {
        added = true;
        return plain.submit(heard);
      }
      // An error or a hang-up is told whatever is waited for, but so only once.
      return plain.submit(added ? EpollIoOps.EPOLLET : heard);
    }

    @Override
    public boolean isValid() {
      return plain.isValid();
    }

    @Override
    public boolean cancel() {
      return plain.cancel();
    }
  }
}
