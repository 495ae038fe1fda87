package com.atoll.edge.routes;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
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
  private static final long ANSWER_DEADLINE_MS = 30_000;

  /** The server says something every 5 s. */
  private static final long MUTE_MS = 20_000;

  private static final int MOST_QUESTIONS = 2_048;

  /** Calls of sandboxes that wait for the server; about 2 KiB each at most. */
  private static final int MOST_CALLS = 20_000;

  private static final int CALLS_A_MESSAGE = 200;

  /** How long a question waits for the server to come back; a restart takes about one second. */
  private static final long AWAY_DEADLINE_MS = 3_000;

  private final Path socket;
  private final RouteTable table;
  private final RouteFile file;
  private final FeedListener listener;
  private final Acks acks = new Acks();
  private final Map<String, Question> questions = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<Woken>> wakes = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<Grant>> grants = new ConcurrentHashMap<>();
  private final Queue<ObjectNode> calls = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waitingCalls = new AtomicInteger();
  private final Set<String> active = ConcurrentHashMap.newKeySet();
  private final AtomicLong sequence = new AtomicLong();
  private final AtomicBoolean dirty = new AtomicBoolean();
  private final List<Taken> unsaved = new ArrayList<>();

  /** On disk, and the server was not told. */
  private final List<Taken> untold = new ArrayList<>();

  private final List<Thread> threads = new ArrayList<>();
  private final Thread clock =
      Thread.ofPlatform().daemon().name("feed-clock").unstarted(this::clock);
  private volatile @Nullable FeedConnection connection;
  private volatile long awaySince = System.nanoTime();
  private volatile long heardAt = System.nanoTime();
  private volatile boolean closed;
  private volatile long version;
  private volatile String epoch = "";
  private volatile @Nullable ObjectNode greeting;
  private volatile Consumer<JsonNode> counted = message -> {};

  /** A change that is in the table. */
  private record Taken(String epoch, long version, Change change) {}

  private record Question(ObjectNode message, long askedAt, CompletableFuture<JsonNode> answer) {}

  /** Loads the kept table. */
  public Feed(Path socket, Path keptTable, RouteTable table, FeedListener listener) {
    this.socket = socket;
    this.table = table;
    this.file = new RouteFile(keptTable);
    this.listener = listener;
    table.replaceAll(file.load());
  }

  /** Begins to follow the server. */
  public void start() {
    threads.add(Thread.ofPlatform().daemon().name("feed").start(this::follow));
    threads.add(clock);
    clock.start();
  }

  /** Whether the server is connected. */
  public boolean isConnected() {
    return connection != null;
  }

  /** Notes traffic of a sandbox; the server hears of it within a second. */
  public void activity(String sandboxId) {
    active.add(sandboxId);
  }

  /**
   * The header that a secret is in a sandbox's requests, as {@code header}, {@code value} and
   * {@code expires_unix_ms}; fails when the server is away.
   */
  public CompletableFuture<JsonNode> secret(String secretId, String sandboxId) {
    ObjectNode question = RouteJson.JSON.createObjectNode();
    question.put("type", "secret").put("secret_id", secretId).put("sandbox_id", sandboxId);
    return ask(question);
  }

  /**
   * The path of the socket of the browser whose DevTools listen inside a sandbox; empty when none
   * does, or the server is away.
   */
  public CompletableFuture<String> browser(String sandboxId) {
    ObjectNode question = RouteJson.JSON.createObjectNode();
    question.put("type", "browser").put("sandbox_id", sandboxId);
    return ask(question)
        .handle((answer, failure) -> answer == null ? "" : answer.path("path").asString(""));
  }

  /** What the server is told whenever it is connected. */
  public void greeting(ObjectNode hello) {
    greeting = hello;
    FeedConnection now = connection;
    if (now != null) {
      now.send(hello);
    }
  }

  /** Tells something if the server is connected; whoever must be sure waits for its word. */
  public void tell(ObjectNode message) {
    FeedConnection now = connection;
    if (now != null) {
      now.send(message);
    }
  }

  /** Hears when the server has written down what was served. */
  public void onCounted(Consumer<JsonNode> listener) {
    counted = listener;
  }

  /** Writes down a call of a sandbox; the server hears of it at once, or when it is back. */
  public void call(ObjectNode call) {
    if (waitingCalls.incrementAndGet() > MOST_CALLS) {
      waitingCalls.decrementAndGet();
      log.debug("a call is not written down: the server is away for too long");
    } else {
      calls.add(call);
    }
  }

  /** Asks for a sandbox to run. Many callers make one question. */
  public CompletableFuture<Woken> wake(Route.Sandbox sandbox) {
    return wakes.computeIfAbsent(
        sandbox.sandboxId(),
        id -> {
          Route.Sandbox now = table.sandbox(sandbox.slug());
          if (now != null && now.state() == Route.State.RUNNING) {
            // Its waking ended between the caller's look at the table and this one.
            CompletableFuture<Woken> awake = new CompletableFuture<>();
            awake.completeAsync(Woken.Running::new);
            awake.whenCompleteAsync((woken, failure) -> wakes.remove(id));
            return awake;
          }
          ObjectNode question = RouteJson.JSON.createObjectNode();
          question.put("type", "wake").put("sandbox_id", id);
          CompletableFuture<Woken> answer =
              ask(question).handle((json, failure) -> woken(sandbox, json, failure));
          answer.whenCompleteAsync((woken, failure) -> wakes.remove(id));
          return answer;
        });
  }

  private Woken woken(
      Route.Sandbox sandbox, @Nullable JsonNode answer, @Nullable Throwable failure) {
    if (failure != null || answer == null) {
      return new Woken.Away();
    }
    if (!answer.path("ok").asBoolean(false)) {
      return new Woken.Refused(
          answer.path("code").asString("SANDBOX_NOT_RUNNING"),
          answer.path("message").asString("the sandbox could not be woken"));
    }
    String address = answer.path("address").asString("");
    if (!address.isEmpty()) {
      Departed departed =
          table.woken(
              sandbox.key(), RouteJson.address(address), answer.path("incarnation").asLong(0));
      if (departed != null && !departed.isEmpty()) {
        listener.departed(departed, () -> dirty.set(true));
      }
    }
    return new Woken.Running();
  }

  /** Asks whether a token opens a private port. */
  public CompletableFuture<Grant> grant(String sandboxId, int port, String token) {
    return grants.computeIfAbsent(
        sandboxId + ':' + port + ':' + token,
        key -> {
          ObjectNode question = RouteJson.JSON.createObjectNode();
          question.put("type", "grant").put("sandbox_id", sandboxId);
          question.put("port", port).put("token", token);
          CompletableFuture<Grant> answer =
              ask(question).handle((json, failure) -> granted(json, failure, token));
          answer.whenCompleteAsync((grant, failure) -> grants.remove(key));
          return answer;
        });
  }

  private static Grant granted(
      @Nullable JsonNode answer, @Nullable Throwable failure, String token) {
    if (failure != null || answer == null) {
      return new Grant.Away();
    }
    if (!answer.path("ok").asBoolean(false)) {
      return new Grant.Denied();
    }
    String cookie = answer.path("cookie").asString("");
    return new Grant.Allowed(
        answer.path("expires_unix_ms").asLong(0),
        cookie.isEmpty() ? token : cookie,
        answer.path("read_only").asBoolean(false));
  }

  private CompletableFuture<JsonNode> ask(ObjectNode question) {
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    if (isAwayFor(AWAY_DEADLINE_MS) || questions.size() >= MOST_QUESTIONS) {
      answer.completeExceptionally(new IOException("the server is away"));
      return answer;
    }
    String request = "r" + sequence.incrementAndGet();
    question.put("request", request);
    questions.put(request, new Question(question, System.nanoTime(), answer));
    FeedConnection now = connection;
    if (now != null) {
      now.send(question);
    }
    return answer;
  }

  private boolean isAwayFor(long millis) {
    return connection == null && System.nanoTime() - awaySince > millis * 1_000_000;
  }

  private void follow() {
    while (!closed) {
      try (FeedConnection now = FeedConnection.open(socket)) {
        JsonNode message;
        while ((message = now.receive()) != null) {
          heardAt = System.nanoTime();
          accept(now, message);
        }
      } catch (IOException | JacksonException | IllegalArgumentException broken) {
        log.debug("the feed broke off", broken);
      }
      if (connection != null) {
        connection = null;
        awaySince = System.nanoTime();
        log.info("the server is away; serving from the table of version {}", version);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(RECONNECT_MS));
    }
  }

  private void accept(FeedConnection now, JsonNode message) {
    switch (message.path("type").asString("")) {
      case "snapshot" -> snapshot(now, message);
      case "upsert" -> {
        Route route = readable(message.path("route"));
        if (route == null) {
          remove(message, message.path("route"));
        } else {
          Change change = Change.upsert(table.route(route.key()), route);
          change.received();
          changed(message.path("version").asLong(0), change, table.put(route));
        }
      }
      case "remove" -> remove(message, message);
      case "ping" ->
          now.send(
              RouteJson.JSON
                  .createObjectNode()
                  .put("type", "pong")
                  .put("version", acks.acknowledged()));
      case "woken", "granted", "injected", "browsed" -> {
        Question question = questions.remove(message.path("request").asString(""));
        if (question != null) {
          question.answer().complete(message);
        }
      }
      case "counted" -> counted.accept(message);
      default -> log.debug("unknown message of the feed: {}", message.path("type"));
    }
  }

  private void remove(JsonNode message, JsonNode keyed) {
    String key = keyed.path("key").asString("");
    Change change = Change.removal(table.route(key));
    change.received();
    changed(message.path("version").asLong(0), change, table.remove(key));
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
    epoch = message.path("epoch").asString("");
    acks.restart(message.path("version").asLong(0));
    changed(message.path("version").asLong(0), Change.OTHER, table.replaceAll(routes));
    connection = now;
    ObjectNode hello = greeting;
    if (hello != null) {
      now.send(hello);
    }
    log.info("the server (epoch {}) sent {} routes, version {}", epoch, routes.size(), version);
    for (Question question : questions.values()) {
      now.send(question.message());
    }
  }

  private void changed(long newVersion, Change change, Departed departed) {
    version = newVersion;
    change.applied();
    Taken taken = new Taken(epoch, newVersion, change);
    acks.open(newVersion);
    if (departed.isEmpty()) {
      left(taken);
      return;
    }
    listener.departed(
        departed,
        () -> {
          change.left();
          left(taken);
          // Whoever took a target away waits for this before he ends it.
          LockSupport.unpark(clock);
        });
    dirty.set(true);
  }

  /** Nothing leads to the departed any more; once that is on disk too, it may be acknowledged. */
  private void left(Taken taken) {
    synchronized (unsaved) {
      if (taken.epoch().equals(epoch)) {
        unsaved.add(taken);
      }
    }
    dirty.set(true);
  }

  private void clock() {
    long acknowledged = -1;
    @Nullable FeedConnection toWhom = null;
    long activityAt = System.nanoTime();
    while (!closed) {
      save();
      FeedConnection now = connection;
      if (now != toWhom) {
        toWhom = now;
        acknowledged = -1;
      }
      if (now != null && System.nanoTime() - heardAt > MUTE_MS * 1_000_000) {
        log.warn("the server has said nothing for {} s; connecting anew", MUTE_MS / 1_000);
        now.close();
      }
      long reached = acks.acknowledged();
      if (now != null && reached > acknowledged) {
        now.send(RouteJson.JSON.createObjectNode().put("type", "ack").put("version", reached));
        acknowledged = reached;
        told(reached);
      }
      tellCalls(now);
      if (System.nanoTime() - activityAt > 1_000_000_000L) {
        activityAt = System.nanoTime();
        tellActivity(now);
      }
      giveUp();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(TICK_MS));
    }
  }

  private synchronized void save() {
    if (!dirty.getAndSet(false)) {
      return;
    }
    List<Taken> saved;
    synchronized (unsaved) {
      saved = List.copyOf(unsaved);
      unsaved.clear();
    }
    try {
      file.save(version, table.all());
    } catch (IOException failed) {
      log.warn("the route table cannot be kept on disk", failed);
    }
    for (Taken taken : saved) {
      taken.change().saved();
      acks.close(taken.version());
    }
    saved.stream().filter(taken -> taken.change() != Change.OTHER).forEach(untold::add);
  }

  private synchronized void told(long reached) {
    for (Taken taken : untold) {
      if (taken.version() <= reached) {
        taken.change().acknowledged();
      }
    }
    untold.removeIf(taken -> taken.version() <= reached || !taken.epoch().equals(epoch));
  }

  private void tellActivity(@Nullable FeedConnection now) {
    if (now == null || active.isEmpty()) {
      return;
    }
    List<String> ids = active.stream().limit(10_000).toList();
    ids.forEach(active::remove);
    ObjectNode message = RouteJson.JSON.createObjectNode().put("type", "activity");
    ids.forEach(message.putArray("sandbox_ids")::add);
    now.send(message);
  }

  private void tellCalls(@Nullable FeedConnection now) {
    while (now != null && !calls.isEmpty()) {
      ObjectNode message = RouteJson.JSON.createObjectNode().put("type", "egress");
      ArrayNode list = message.putArray("calls");
      for (int i = 0; i < CALLS_A_MESSAGE; i++) {
        ObjectNode call = calls.poll();
        if (call == null) {
          break;
        }
        waitingCalls.decrementAndGet();
        list.add(call);
      }
      now.send(message);
    }
  }

  private void giveUp() {
    boolean away = isAwayFor(AWAY_DEADLINE_MS);
    long now = System.nanoTime();
    questions
        .values()
        .removeIf(question -> {
          if (away || now - question.askedAt() > ANSWER_DEADLINE_MS * 1_000_000) {
            question.answer().completeExceptionally(new IOException("no answer"));
            return true;
          }
          return false;
        });
  }

  @Override
  public void close() {
    closed = true;
    FeedConnection now = connection;
    if (now != null) {
      now.close();
    }
    threads.forEach(LockSupport::unpark);
    dirty.set(true);
    save();
  }
}
