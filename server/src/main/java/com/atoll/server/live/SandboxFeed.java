package com.atoll.server.live;

import com.atoll.node.v1.OpenWatchRequest;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.server.machines.NodeClient;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** What happens in one sandbox, for all in this process who listen to it. */
final class SandboxFeed {
  /** Clients of one sandbox. */
  static final int MOST_LISTENERS = 64;

  private static final String ROOT = "/workspace";
  private static final long FIRST = TimeUnit.SECONDS.toNanos(2);
  private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(100);

  private final Source commands;
  private final Source files;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();

  SandboxFeed(String sandboxId, NodeClient node, Predicate<String> runs) {
    commands =
        new Source(
            "live-commands-" + sandboxId,
            () -> runs.test(sandboxId),
            () ->
                node.redeem(
                    node.processes()
                        .openActivity(WorkloadRef.newBuilder().setId(sandboxId).build())),
            line -> publish(Frame.ofActivity(line)));
    files =
        new Source(
            "live-files-" + sandboxId,
            () -> runs.test(sandboxId),
            () ->
                node.redeem(
                    node.files()
                        .openWatch(
                            OpenWatchRequest.newBuilder()
                                .setWorkloadId(sandboxId)
                                .setPath(ROOT)
                                .setRecursive(true)
                                .setOnlyLooks(true)
                                .build())),
            line -> publish(Frame.ofChange(ROOT, line)));
  }

  private static boolean hearsCommands(Listener listener) {
    return listener.types().stream().anyMatch(Frame.EXEC_TYPES::contains);
  }

  private static boolean hearsFiles(Listener listener) {
    return listener.types().contains(Frame.FILE_CHANGED);
  }

  /** Takes a client in; false when there are too many. */
  boolean add(Listener listener) {
    if (listeners.size() >= MOST_LISTENERS) {
      return false;
    }
    listeners.add(listener);
    if (hearsCommands(listener)) {
      commands.want();
    }
    if (hearsFiles(listener)) {
      files.want();
    }
    return true;
  }

  /** Lets a client go; true when it was the last one. */
  boolean remove(Listener listener) {
    if (listeners.remove(listener)) {
      if (hearsCommands(listener)) {
        commands.leave();
      }
      if (hearsFiles(listener)) {
        files.leave();
      }
    }
    return listeners.isEmpty();
  }

  /** Waits until what happens from now on comes to this client, where that can be. */
  void awaitOpen(Listener listener) throws InterruptedException {
    if (hearsCommands(listener)) {
      commands.awaitTried(FIRST);
    }
    if (hearsFiles(listener)) {
      files.awaitTried(FIRST);
    }
  }

  /** The sandbox has changed. */
  void poke() {
    commands.poke();
    files.poke();
  }

  /** Sends all clients away. */
  void close() {
    listeners.forEach(Listener::close);
  }

  /**
   * Gives a frame to all who have room. When nobody has, it waits a little: whoever floods is held
   * up there, not here.
   */
  private void publish(Optional<Frame> frame) throws InterruptedException {
    if (frame.isPresent()) {
      publish(frame.get());
    }
  }

  private void publish(Frame frame) throws InterruptedException {
    List<Listener> full = listeners.stream().filter(one -> !one.offer(frame)).toList();
    if (!full.isEmpty() && full.size() == listeners.size()) {
      full.getFirst().awaitRoom(PATIENCE);
      full = full.stream().filter(one -> !one.offer(frame)).toList();
    }
    full.forEach(Listener::drop);
  }
}
