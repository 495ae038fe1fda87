package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.sandboxes.CreateWish;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Several sandboxes that begin with one and the same moment of another. */
final class ForkedAtOnce {
  private static final Logger LOG = LoggerFactory.getLogger(ForkedAtOnce.class);
  private static final int AT_ONCE = 8;

  /** A moment that nobody came back for is deleted by then. */
  private static final int LONGEST_SECONDS = 3600;

  private final Backend backend;
  private final Shown shown;

  ForkedAtOnce(Backend backend, Shown shown) {
    this.backend = backend;
    this.shown = shown;
  }

  /** What became of each of so many forks: the sandbox, or why there is none. */
  ArrayNode of(Call call, JsonNode source, int count, ObjectNode child, CreateWish wish) {
    String from = "/sandboxes/" + Shown.id(source);
    List<ObjectNode> mounts = mounts(call, from);
    if (count == 1) {
      return answer(List.of(forked(call, from + "/fork", child, wish, mounts)));
    }
    String moment;
    try {
      moment = moment(call, source, from);
    } catch (AtollException refused) {
      return answer(Collections.nCopies(count, refusal(refused)));
    }
    try (ExecutorService lanes =
        Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
      List<CompletableFuture<ObjectNode>> all =
          Stream.generate(() ->
                  CompletableFuture.supplyAsync(
                      () -> forked(call, "/snapshots/" + moment + "/fork", child, wish, mounts),
                      lanes))
              .limit(count)
              .toList();
      return answer(all.stream().map(CompletableFuture::join).toList());
    } finally {
      drop(call, moment);
    }
  }

  private String moment(Call call, JsonNode source, String from) {
    ObjectNode wish = Backend.object().put("comment", "The moment of a fork.").put("memory", false);
    if (source.path("metadata").has("keep_last_snapshots")) {
      // Among those that are counted it would push out one that its owner took.
      wish.put("keep", true);
    } else {
      wish.put("expiration_seconds", LONGEST_SECONDS);
    }
    return Shown.id(backend.post(call, from + "/snapshots", wish));
  }

  private void drop(Call call, String moment) {
    try {
      backend.delete(call, "/snapshots/" + moment);
    } catch (AtollException refused) {
      LOG.info("The moment {} of a fork is left to its end: {}", moment, refused.getMessage());
    }
  }

  /** The volumes of the source, which forks have too; none for who may not see them. */
  private List<ObjectNode> mounts(Call call, String from) {
    if (!call.principal().allows("volumes:read")) {
      return List.of();
    }
    return backend
        .get(call, from + "/volumes")
        .path("data")
        .valueStream()
        .map(volume -> {
          ObjectNode mount = Backend.object();
          List.of("volume_id", "mount_path", "read_only")
              .forEach(field -> mount.set(field, volume.path(field)));
          return mount;
        })
        .toList();
  }

  private void mount(Call call, JsonNode made, List<ObjectNode> mounts) {
    String id = Shown.id(made);
    try {
      for (ObjectNode mount : mounts) {
        try {
          backend.post(call, "/sandboxes/" + id + "/volumes", mount.deepCopy());
        } catch (AtollException refused) {
          if (refused.code() != ErrorCode.RESOURCE_STATE && refused.code() != ErrorCode.CONFLICT) {
            throw refused;
          }
          // One that has one writer stays with the source.
          LOG.debug("Fork {} goes without a volume: {}", id, refused.getMessage());
        }
      }
    } catch (AtollException refused) {
      backend.delete(call, "/sandboxes/" + id);
      throw refused;
    }
  }

  private ObjectNode forked(
      Call call, String target, ObjectNode child, CreateWish wish, List<ObjectNode> mounts) {
    try {
      JsonNode made = backend.post(call, target, child.deepCopy(), wish);
      mount(call, made, mounts);
      return Backend.object().set("sandbox", shown.access(made, call.principal()));
    } catch (AtollException refused) {
      return refusal(refused);
    }
  }

  private static ObjectNode refusal(AtollException refused) {
    ObjectNode result = Backend.object();
    result
        .putObject("error")
        .put("code", refused.code().status())
        .put("message", refused.getMessage());
    return result;
  }

  private static ArrayNode answer(List<ObjectNode> results) {
    ArrayNode answer = JsonNodeFactory.instance.arrayNode();
    results.forEach(answer::add);
    return answer;
  }
}
