package com.atoll.server.live;

import com.atoll.server.events.Live;
import com.atoll.server.machines.NodeClient;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What happens inside sandboxes at this moment, for the clients of this process. A machine is asked
 * only while somebody listens, and is neither woken nor kept awake by it.
 */
public final class LiveFeeds implements AutoCloseable {
  /** Sandboxes that are followed at once; to more the streams tell what is in the log. */
  private static final int MOST = 1_000;

  private final NodeClient node;
  private final Predicate<String> runs;
  private final Map<String, SandboxFeed> feeds = new ConcurrentHashMap<>();

  /**
   * Feeds of this node's machines.
   *
   * @param runs whether the sandbox with this id runs
   */
  public LiveFeeds(NodeClient node, Predicate<String> runs) {
    this.node = node;
    this.runs = runs;
  }

  /** The types of what commands do. */
  public static Set<String> ofCommands() {
    return Frame.EXEC_TYPES;
  }

  /**
   * Listens to a sandbox: all that happens after this returns is told, as long as it runs.
   *
   * @param wanted the types that the client wants and may have
   */
  public Live listen(String sandboxId, String org, Predicate<String> wanted)
      throws InterruptedException {
    Set<String> types =
        Stream.concat(Frame.EXEC_TYPES.stream(), Stream.of(Frame.FILE_CHANGED))
            .filter(wanted)
            .collect(Collectors.toUnmodifiableSet());
    if (types.isEmpty()) {
      return Live.NONE;
    }
    Listener listener = new Listener(sandboxId, org, types, gone -> leave(sandboxId, gone));
    AtomicReference<SandboxFeed> joined = new AtomicReference<>();
    feeds.compute(
        sandboxId,
        (id, known) -> {
          if (known == null && feeds.size() >= MOST) {
            return null;
          }
          SandboxFeed feed = known == null ? new SandboxFeed(id, node, runs) : known;
          if (feed.add(listener)) {
            joined.set(feed);
          }
          return feed;
        });
    SandboxFeed feed = joined.get();
    if (feed == null) {
      return Live.NONE;
    }
    try {
      feed.awaitOpen(listener);
    } catch (InterruptedException stopped) {
      listener.close();
      throw stopped;
    }
    return listener;
  }

  private void leave(String sandboxId, Listener listener) {
    feeds.computeIfPresent(sandboxId, (id, feed) -> feed.remove(listener) ? null : feed);
  }

  /** A sandbox has changed: one that runs again is followed again. Never blocks. */
  public void changed(String sandboxId) {
    SandboxFeed feed = feeds.get(sandboxId);
    if (feed != null) {
      feed.poke();
    }
  }

  @Override
  public void close() {
    feeds.values().forEach(SandboxFeed::close);
  }
}
