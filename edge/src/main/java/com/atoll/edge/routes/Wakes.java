package com.atoll.edge.routes;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Sandboxes that were asked to run. Many callers make one question. */
final class Wakes {
  /** For as long what a sandbox keeps running may still be starting. */
  private static final long RECENT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Questions questions;
  private final RouteTable table;
  private final Consumer<Departed> departed;
  private final Map<String, CompletableFuture<Woken>> open = new ConcurrentHashMap<>();

  /** When sandboxes were woken from here lately. */
  private final Map<String, Long> ended = new ConcurrentHashMap<>();

  /** Tells {@code departed} whose place a woken sandbox took in the table. */
  Wakes(Questions questions, RouteTable table, Consumer<Departed> departed) {
    this.questions = questions;
    this.table = table;
    this.departed = departed;
  }

  CompletableFuture<Woken> wake(Route.Sandbox sandbox) {
    return open.computeIfAbsent(
        sandbox.sandboxId(),
        id -> {
          Route.Sandbox now = table.sandbox(sandbox.slug());
          CompletableFuture<Woken> answer;
          if (now != null && now.state() == Route.State.RUNNING) {
            // Its waking ended between the caller's look at the table and this one.
            answer = new CompletableFuture<>();
            answer.completeAsync(Woken.Running::new);
          } else {
            answer =
                questions
                    .ask(Questions.about("wake", id))
                    .handle((json, failure) -> woken(sandbox, json, failure));
          }
          answer.whenCompleteAsync((woken, failure) -> open.remove(id));
          return answer;
        });
  }

  /** Whether a sandbox is being woken from here, or was a moment ago. */
  boolean isRecent(String sandboxId) {
    Long at = ended.get(sandboxId);
    return open.containsKey(sandboxId) || (at != null && System.nanoTime() - at < RECENT_NANOS);
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
    long now = System.nanoTime();
    ended.values().removeIf(at -> now - at >= RECENT_NANOS);
    ended.put(sandbox.sandboxId(), now);
    String address = answer.path("address").asString("");
    if (!address.isEmpty()) {
      Departed gone =
          table.woken(
              sandbox.key(), RouteJson.address(address), answer.path("incarnation").asLong(0));
      if (gone != null && !gone.isEmpty()) {
        departed.accept(gone);
      }
    }
    return new Woken.Running();
  }
}
