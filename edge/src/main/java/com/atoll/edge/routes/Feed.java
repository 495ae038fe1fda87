package com.atoll.edge.routes;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The edge's side of {@code proto/feed.md}: keeps the table in step with the server, on disk too,
 * and carries the edge's questions. One thread reads, one does everything that happens by the
 * clock.
 */
public final class Feed implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Feed.class);
  private static final long RECONNECT_MS = 100;
  private static final long TICK_MS = 50;

  /** The server says something every 5 s. */
  private static final long MUTE_MS = 20_000;

  private final Path socket;
  private final RouteTable table;
  private final Link link = new Link();
  private final Questions questions = new Questions(link);
  private final Grants grants = new Grants(questions);
  private final Starts starts = new Starts(questions);
  private final Outbox outbox = new Outbox();
  private final Changes changes;
  private final Wakes wakes;
  private final List<Thread> threads = new ArrayList<>();
  private final Thread clock =
      Thread.ofPlatform().daemon().name("feed-clock").unstarted(this::clock);
  private volatile boolean closed;
  private volatile @Nullable ObjectNode greeting;
  private volatile Consumer<JsonNode> counted = message -> {};

  /** Loads the kept table. */
  public Feed(Path socket, Path keptTable, RouteTable table, FeedListener listener) {
    this.socket = socket;
    this.table = table;
    changes =
        new Changes(table, new RouteFile(keptTable), listener, () -> LockSupport.unpark(clock));
    wakes = new Wakes(questions, table, changes::departed);
  }

  /** Begins to follow the server. */
  public void start() {
    threads.add(Thread.ofPlatform().daemon().name("feed").start(this::follow));
    threads.add(clock);
    clock.start();
  }

  /** Whether the server is connected. */
  public boolean isConnected() {
    return link.isUp();
  }

  /** Notes traffic of a sandbox; the server hears of it within a second. */
  public void activity(String sandboxId) {
    outbox.activity(sandboxId);
  }

  /** Writes down a call of a sandbox; the server hears of it at once, or when it is back. */
  public void call(ObjectNode call) {
    outbox.call(call);
  }

  /** Asks for a sandbox to run. Many callers make one question. */
  public CompletableFuture<Woken> wake(Route.Sandbox sandbox) {
    return wakes.wake(sandbox);
  }

  /**
   * Completes when a port of this sandbox may be tried once more at which nothing listens yet: the
   * sandbox was woken a moment ago, and the server waits for the service that has the port. Null
   * when the port is not worth waiting for.
   */
  public @Nullable CompletableFuture<?> starting(String sandboxId, int port) {
    return wakes.isRecent(sandboxId) ? starts.await(sandboxId, port) : null;
  }

  /** Asks whether a token opens a private port. */
  public CompletableFuture<Grant> grant(String sandboxId, int port, String token) {
    return grants.grant(sandboxId, port, token);
  }

  /**
   * The header that a secret is in a sandbox's requests, as {@code header}, {@code value} and
   * {@code expires_unix_ms}; fails when the server is away.
   */
  public CompletableFuture<JsonNode> secret(String secretId, String sandboxId) {
    return questions.ask(Questions.about("secret", sandboxId).put("secret_id", secretId));
  }

  /**
   * The path of the socket of the browser whose DevTools listen inside a sandbox; empty when none
   * does, or the server is away.
   */
  public CompletableFuture<String> browser(String sandboxId) {
    return questions
        .ask(Questions.about("browser", sandboxId))
        .handle((answer, failure) -> answer == null ? "" : answer.path("path").asString(""));
  }

  /** What the server is told whenever it is connected. */
  public void greeting(ObjectNode hello) {
    greeting = hello;
    link.send(hello);
  }

  /** Tells something if the server is connected; whoever must be sure waits for its word. */
  public void tell(ObjectNode message) {
    link.send(message);
  }

  /** Hears when the server has written down what was served. */
  public void onCounted(Consumer<JsonNode> listener) {
    counted = listener;
  }

  // The thread that reads

  private void follow() {
    while (!closed) {
      try (FeedConnection now = FeedConnection.open(socket)) {
        JsonNode message;
        while ((message = now.receive()) != null) {
          link.heard();
          accept(now, message);
        }
      } catch (IOException | JacksonException | IllegalArgumentException broken) {
        log.debug("the feed broke off", broken);
      }
      if (link.down()) {
        log.info("the server is away; serving from the table of version {}", changes.version());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(RECONNECT_MS));
    }
  }

  private void accept(FeedConnection now, JsonNode message) {
    switch (message.path("type").asString("")) {
      case "snapshot" -> snapshot(now, message);
      case "upsert" -> upsert(message);
      case "remove" -> remove(message, message);
      case "ping" ->
          now.send(
              RouteJson.JSON
                  .createObjectNode()
                  .put("type", "pong")
                  .put("version", changes.acknowledged()));
      case "woken", "granted", "injected", "browsed", "listens" -> questions.answered(message);
      case "written" -> outbox.written(now);
      case "counted" -> counted.accept(message);
      default -> log.debug("unknown message of the feed: {}", message.path("type"));
    }
  }

  private void upsert(JsonNode message) {
    Route route = readable(message.path("route"));
    if (route == null) {
      remove(message, message.path("route"));
      return;
    }
    Change change = Change.upsert(table.route(route.key()), route);
    change.received();
    changes.taken(message.path("version").asLong(0), change, table.put(route));
  }

  private void remove(JsonNode message, JsonNode keyed) {
    String key = keyed.path("key").asString("");
    Change change = Change.removal(table.route(key));
    change.received();
    changes.taken(message.path("version").asLong(0), change, table.remove(key));
  }

  /** One entry that makes no sense must not cost all others. */
  private static @Nullable Route readable(JsonNode route) {
    try {
      return RouteJson.read(route);
    } catch (IllegalArgumentException senseless) {
      log.warn("a route is left out: {}", senseless.getMessage());
      return null;
    }
  }

  private void snapshot(FeedConnection now, JsonNode message) {
    List<Route> routes = new ArrayList<>();
    for (JsonNode node : message.path("routes")) {
      Route route = readable(node);
      if (route != null) {
        routes.add(route);
      }
    }
    String epoch = message.path("epoch").asString("");
    long version = message.path("version").asLong(0);
    changes.restart(epoch, version);
    changes.taken(version, Change.OTHER, table.replaceAll(routes));
    link.up(now);
    ObjectNode hello = greeting;
    if (hello != null) {
      now.send(hello);
    }
    log.info("the server (epoch {}) sent {} routes, version {}", epoch, routes.size(), version);
    questions.askAgain(now);
  }

  // The thread of the clock

  private void clock() {
    long acknowledged = -1;
    @Nullable FeedConnection toWhom = null;
    long activityAt = System.nanoTime();
    while (!closed) {
      changes.save();
      FeedConnection now = link.connection();
      if (now != toWhom) {
        toWhom = now;
        acknowledged = -1;
      }
      if (now != null) {
        endIfMute(now);
        acknowledged = acknowledge(now, acknowledged);
        outbox.tellCalls(now);
      }
      if (System.nanoTime() - activityAt > TimeUnit.SECONDS.toNanos(1)) {
        activityAt = System.nanoTime();
        if (now != null) {
          outbox.tellActivity(now);
        }
      }
      questions.giveUp();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(TICK_MS));
    }
  }

  private void endIfMute(FeedConnection now) {
    if (link.isSilentFor(MUTE_MS)) {
      log.warn("the server has said nothing for {} s; connecting anew", MUTE_MS / 1_000);
      now.close();
    }
  }

  private long acknowledge(FeedConnection now, long before) {
    long reached = changes.acknowledged();
    if (reached <= before) {
      return before;
    }
    now.send(RouteJson.JSON.createObjectNode().put("type", "ack").put("version", reached));
    changes.told(reached);
    return reached;
  }

  @Override
  public void close() {
    closed = true;
    link.close();
    threads.forEach(LockSupport::unpark);
    changes.saveAnyway();
  }
}
