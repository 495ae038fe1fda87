package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.DirectoryReply;
import com.atoll.node.v1.FileInfo;
import com.atoll.node.v1.FileType;
import com.atoll.node.v1.ListDirectoryRequest;
import com.atoll.node.v1.MoveRequest;
import com.atoll.node.v1.RemoveRequest;
import com.atoll.server.e2b.Admission.Guest;
import com.atoll.server.files.FileStore;
import com.atoll.server.files.SandboxPath;
import com.atoll.server.http.Call;
import com.atoll.server.machines.NodeClient;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The service {@code filesystem.Filesystem}: everything of files but their bytes. */
final class FilesystemRoutes {
  private static final int MOST_ENTRIES = 50_000;
  private static final int DEEPEST = 32;

  private final Connect connect;
  private final NodeClient node;
  private final FileStore files;
  private final Entries entries;
  private final Watches watches;
  private final Semaphore longLists = new Semaphore(2);

  FilesystemRoutes(
      Connect connect, NodeClient node, FileStore files, Entries entries, Watches watches) {
    this.connect = connect;
    this.node = node;
    this.files = files;
    this.entries = entries;
    this.watches = watches;
  }

  void answer(Call call) throws IOException {
    switch (call.rawPath("method")) {
      case "Stat" -> connect.unary(call, (who, asked) -> stat(call, who, asked));
      case "ListDir" -> connect.unary(call, (who, asked) -> list(call, who, asked));
      case "MakeDir" -> connect.unary(call, (who, asked) -> make(call, who, asked));
      case "Move" -> connect.unary(call, (who, asked) -> move(call, who, asked));
      case "Remove" -> connect.unary(call, (who, asked) -> remove(call, who, asked));
      case "WatchDir" -> connect.streaming(call, (who, asked, out) -> watch(call, who, asked, out));
      case "CreateWatcher" -> connect.unary(call, (who, asked) -> watcher(call, who, asked));
      case "GetWatcherEvents" -> connect.unary(call, this::events);
      case "RemoveWatcher" -> connect.unary(call, this::unwatch);
      default ->
          throw AtollException.of(ErrorCode.NOT_FOUND, "such method of filesystem.Filesystem");
    }
  }

  /** The operation of our own wire that does what a call asks for. */
  static String operation(Call call) {
    return switch (call.rawPath("method")) {
      case "MakeDir", "Move", "Remove" -> "sandboxes.files.write";
      default -> "sandboxes.files.list";
    };
  }

  private static Home.User user(Call call, Guest guest) {
    return guest.owner(Home.name(call));
  }

  private static SandboxPath path(Call call, Guest guest, JsonNode asked, String field) {
    return user(call, guest).path(Fields.text(asked, field));
  }

  private JsonNode stat(Call call, Guest guest, JsonNode asked) {
    SandboxPath path = path(call, guest, asked, "path");
    return guest.awake(id -> answer(id, files.describe(id, path)));
  }

  private JsonNode answer(String sandbox, FileInfo info) {
    ObjectNode answer = Backend.object();
    answer.set("entry", entries.entry(sandbox, info));
    return answer;
  }

  private JsonNode list(Call call, Guest guest, JsonNode asked) {
    SandboxPath path = path(call, guest, asked, "path");
    int depth = Math.max(1, Fields.number(asked, "depth"));
    ListDirectoryRequest first =
        ListDirectoryRequest.newBuilder()
            .setPath(path.value())
            .setDepth(Math.min(depth, DEEPEST))
            .setAttributes(true)
            .build();
    boolean deeper = depth > DEEPEST;
    return guest.awake(id -> listed(first.toBuilder().setWorkloadId(id).build(), deeper));
  }

  /**
   * All entries: on this wire a list that is cut looks like a whole one.
   *
   * @param deeper whether more levels were asked for than a list has
   */
  private ObjectNode listed(ListDirectoryRequest request, boolean deeper) {
    ObjectNode answer = Backend.object();
    ArrayNode all = answer.putArray("entries");
    DirectoryReply page = node.files().listDirectory(request);
    add(all, request, page, deeper);
    if (!page.getCut()) {
      return answer;
    }
    // Many of these at once would take all the memory there is.
    longLists.acquireUninterruptibly();
    try {
      while (page.getCut()) {
        if (page.getNext().isEmpty() || all.size() > MOST_ENTRIES) {
          throw new Connect.Failure(
              Code.INVALID_ARGUMENT,
              "There are more than %d entries: list a part of them.".formatted(all.size()));
        }
        page = node.files().listDirectory(request.toBuilder().setAfter(page.getNext()).build());
        add(all, request, page, deeper);
      }
      return answer;
    } finally {
      longLists.release();
    }
  }

  private void add(
      ArrayNode all, ListDirectoryRequest request, DirectoryReply page, boolean deeper) {
    if (deeper
        && page.getEntriesList().stream().anyMatch(one -> isDeepest(request.getPath(), one))) {
      throw new Connect.Failure(
          Code.INVALID_ARGUMENT,
          "There are folders on level %d, where lists end: list those by themselves."
              .formatted(DEEPEST));
    }
    all.addAll(entries.entries(request.getWorkloadId(), page.getEntriesList()));
  }

  /** Whether it is a folder on the last level of a list, and what is in it is left out. */
  static boolean isDeepest(String base, FileInfo info) {
    return info.getType() == FileType.DIRECTORY && level(info.getPath()) - level(base) == DEEPEST;
  }

  private static long level(String path) {
    return path.equals("/") ? 0 : path.chars().filter(c -> c == '/').count();
  }

  private JsonNode make(Call call, Guest guest, JsonNode asked) {
    Home.User user = user(call, guest);
    SandboxPath path = user.path(Fields.text(asked, "path"));
    return guest.awake(id -> {
      try {
        FileInfo there = files.stat(id, path, true);
        throw there.getType() == FileType.DIRECTORY
            ? AtollException.of(ErrorCode.FILE_EXISTS, path.value())
            : AtollException.of(ErrorCode.NOT_A_FILE, path.value());
      } catch (AtollException missing) {
        if (missing.code() != ErrorCode.FILE_NOT_FOUND) {
          throw missing;
        }
      }
      files.makeDirectory(id, path, true, 0, user.owner());
      return answer(id, files.stat(id, path, false));
    });
  }

  private JsonNode move(Call call, Guest guest, JsonNode asked) {
    Home.User user = user(call, guest);
    SandboxPath from = user.path(Fields.text(asked, "source"));
    SandboxPath to = user.path(Fields.text(asked, "destination"));
    MoveRequest.Builder move =
        MoveRequest.newBuilder().setFrom(from.value()).setTo(to.value()).setOverwrite(true);
    if (user.owner() != null) {
      move.setOwner(user.owner());
    }
    return guest.awake(id -> {
      var _ = node.files().move(move.setWorkloadId(id).build());
      return answer(id, files.describe(id, to));
    });
  }

  private JsonNode remove(Call call, Guest guest, JsonNode asked) {
    SandboxPath path = path(call, guest, asked, "path");
    return guest.awake(id -> {
      try {
        var _ =
            node.files()
                .remove(
                    RemoveRequest.newBuilder()
                        .setWorkloadId(id)
                        .setPath(path.value())
                        .setRecursive(true)
                        .build());
      } catch (AtollException refused) {
        // Removing what is not there is done already.
        if (refused.code() != ErrorCode.FILE_NOT_FOUND) {
          throw refused;
        }
      }
      return Backend.object();
    });
  }

  private void watch(Call call, Guest guest, JsonNode asked, ConnectStream stream)
      throws IOException {
    watches.stream(call, guest, wish(call, guest, asked), stream);
  }

  private static Watches.Wish wish(Call call, Guest guest, JsonNode asked) {
    return new Watches.Wish(
        path(call, guest, asked, "path"),
        Fields.flag(asked, "recursive", false),
        Fields.flag(asked, "includeEntry", false));
  }

  private JsonNode watcher(Call call, Guest guest, JsonNode asked) {
    return Backend.object().put("watcherId", watches.open(guest, wish(call, guest, asked)));
  }

  private JsonNode events(Guest guest, JsonNode asked) {
    ObjectNode answer = Backend.object();
    answer.set("events", watches.take(guest, Fields.text(asked, "watcherId")));
    return answer;
  }

  private JsonNode unwatch(Guest guest, JsonNode asked) {
    watches.close(guest, Fields.text(asked, "watcherId"));
    return Backend.object();
  }
}
