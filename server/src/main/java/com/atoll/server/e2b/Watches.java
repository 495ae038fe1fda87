package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.node.v1.OpenWatchRequest;
import com.atoll.server.e2b.Admission.Guest;
import com.atoll.server.files.FileStore;
import com.atoll.server.files.SandboxPath;
import com.atoll.server.http.Call;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Watches of folders: streamed, or kept here for a client that asks from time to time. A kept one
 * is as short-lived as a stream: it ends with this process, and when nobody asks for ten minutes.
 */
final class Watches implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int LONGEST_LINE = 64 << 10;
  private static final int MOST_OF_ONE = 64;
  private static final int MOST = 4096;

  private final NodeClient node;
  private final FileStore files;
  private final Entries entries;
  private final Map<String, Watcher> kept = new ConcurrentHashMap<>();

  Watches(NodeClient node, FileStore files, Entries entries) {
    this.node = node;
    this.files = files;
    this.entries = entries;
  }

  /** What is watched, and whether events show the entry they are about. */
  record Wish(SandboxPath path, boolean recursive, boolean entries) {}

  /** Streams what changes, until the client goes or its deadline comes. */
  void stream(Call call, Guest guest, Wish wish, ConnectStream stream) throws IOException {
    long deadlineMs = Connect.timeoutMs(call);
    try (NodeStream changes = watch(guest, wish)) {
      call.onDisconnect(changes::close);
      stream.expire(deadlineMs, changes::close);
      ObjectNode start = Backend.object();
      start.putObject("start");
      stream.send(start);
      stream.beat(ProcessOutput.seconds(call), "{\"keepalive\":{}}");
      Optional<String> line = changes.readLine(LONGEST_LINE);
      while (line.isPresent()) {
        for (ObjectNode event : events(guest.id(), wish, JSON.readTree(line.get()))) {
          ObjectNode message = Backend.object();
          message.set("filesystem", event);
          stream.send(message);
        }
        line = changes.readLine(LONGEST_LINE);
      }
    }
    if (!stream.isExpired()) {
      // The SDKs ask at once whether it still runs.
      var _ = guest.ends();
    }
    throw new Connect.Failure(Code.UNAVAILABLE, "The connection to the sandbox ended.");
  }

  /** Keeps a watch and says under which id. */
  String open(Guest guest, Wish wish) {
    kept.values().removeIf(Watcher::closeWhenForgotten);
    long own = kept.values().stream().filter(w -> w.isOf(guest.id())).count();
    if (own >= MOST_OF_ONE || kept.size() >= MOST) {
      throw AtollException.withMessage(
          ErrorCode.RATE_LIMIT_EXCEEDED, "There are too many watchers: remove some.");
    }
    String id = Ids.next("wat");
    Watcher watcher = new Watcher(guest.id(), watch(guest, wish));
    kept.put(id, watcher);
    watcher.start(line -> events(guest.id(), wish, JSON.readTree(line)));
    return id;
  }

  /** The events since the last time. */
  ArrayNode take(Guest guest, String id) {
    return require(guest, id).take();
  }

  void close(Guest guest, String id) {
    Watcher watcher = require(guest, id);
    kept.remove(id);
    watcher.close();
  }

  private Watcher require(Guest guest, String id) {
    Watcher watcher = kept.get(id);
    if (watcher == null || !watcher.isOf(guest.id())) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "watcher with this id");
    }
    return watcher;
  }

  private NodeStream watch(Guest guest, Wish wish) {
    return guest.awake(id ->
        node.redeem(
            node.files()
                .openWatch(
                    OpenWatchRequest.newBuilder()
                        .setWorkloadId(id)
                        .setPath(wish.path().value())
                        .setRecursive(wish.recursive())
                        .setAttributes(true)
                        .build())));
  }

  /** What one change is to the SDKs: a new name comes as two events. */
  private List<ObjectNode> events(String sandbox, Wish wish, JsonNode change) {
    String path = change.path("path").asString("");
    return switch (change.path("event").asString("")) {
      case "created" -> List.of(event(sandbox, wish, path, "CREATE"));
      case "attributes" -> List.of(event(sandbox, wish, path, "CHMOD"));
      case "modified" -> List.of(event(sandbox, wish, path, "WRITE"));
      case "deleted" -> List.of(event(null, wish, path, "REMOVE"));
      case "renamed" ->
          List.of(
              event(null, wish, change.path("old_path").asString(""), "RENAME"),
              event(sandbox, wish, path, "CREATE"));
      case "overflow" ->
          throw new Connect.Failure(
              Code.DATA_LOSS, "Too much changed at once: some events were lost.");
      default -> List.of();
    };
  }

  /** An event; {@code sandbox} is null when what it is about is there no more. */
  private ObjectNode event(@Nullable String sandbox, Wish wish, String path, String type) {
    String base = wish.path().value();
    ObjectNode event =
        Backend.object().put("name", name(base, path)).put("type", "EVENT_TYPE_" + type);
    if (wish.entries() && sandbox != null) {
      try {
        event.set("entry", entries.entry(sandbox, files.describe(sandbox, SandboxPath.of(path))));
      } catch (AtollException gone) {
        // It went away again before it was looked at.
        return event;
      }
    }
    return event;
  }

  /** How an entry is called: from the folder that is watched on. */
  private static String name(String base, String path) {
    String prefix = base.endsWith("/") ? base : base + "/";
    if (path.equals(base)) {
      return ".";
    }
    return path.startsWith(prefix) ? path.substring(prefix.length()) : path;
  }

  @Override
  public void close() {
    kept.values().forEach(Watcher::close);
  }
}
