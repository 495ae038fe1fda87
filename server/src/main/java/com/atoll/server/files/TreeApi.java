package com.atoll.server.files;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.ChangeModeRequest;
import com.atoll.node.v1.DirectoryReply;
import com.atoll.node.v1.FileInfo;
import com.atoll.node.v1.FileType;
import com.atoll.node.v1.ListDirectoryRequest;
import com.atoll.node.v1.MoveRequest;
import com.atoll.node.v1.RemoveRequest;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import com.fasterxml.jackson.annotation.JsonAlias;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Looks at folders and changes them. */
final class TreeApi {
  private static final int DEEPEST = 32;
  private static final int MOST = 10_000;

  /** A path in base64, which the agent inside wrote and reads. */
  private static final Pattern CURSOR = Pattern.compile("[A-Za-z0-9_-]{0,5464}");

  private final Sandboxes sandboxes;
  private final FileStore files;
  private final NodeClient node;

  TreeApi(Sandboxes sandboxes, FileStore files, NodeClient node) {
    this.sandboxes = sandboxes;
    this.files = files;
    this.node = node;
  }

  /** A path. */
  record AtPath(
      @Doc("Path; a relative one begins at /workspace.") @Nullable String path,
      @Doc("Of a link at its end: look at what it leads to; default false.")
          @Nullable Boolean follow) {}

  /** A path to delete. */
  record Delete(
      @Doc("Path; may be a query parameter instead.") @Nullable String path,
      @Doc("Also a folder with entries.") @Nullable Boolean recursive) {}

  /** A folder to make. */
  record MakeFolder(
      @Doc("Path; a relative one begins at /workspace.") @Nullable String path,
      @Doc("Also the folders above it; default true.") @JsonAlias("parents")
          @Nullable Boolean recursive,
      @Doc("Permission bits, octal, such as 0755.") @Nullable JsonNode mode) {}

  /** From here to there. */
  record FromTo(
      @Doc("Path that is there.") @JsonAlias({"source", "src"}) @Nullable String from,
      @Doc("Path that is made.") @JsonAlias({"destination", "dest"}) @Nullable String to,
      @Doc("Also a folder with entries; always so.") @Nullable Boolean recursive,
      @Doc(
              "Replace what is there; default true. A folder with entries is replaced only by a copy, and only"
                  + " where this is said.")
          @Nullable Boolean overwrite) {}

  /** New permission bits. */
  record ChangeMode(
      @Doc("Path; a relative one begins at /workspace.") @Nullable String path,
      @Doc("Permission bits, octal, such as 0644.") @Nullable JsonNode mode) {}

  /** It was done. */
  record Done(@Doc("Always true.") boolean success, @Doc("Path.") String path) {}

  /** A folder and its entries. */
  record Listing(
      @Doc("Path of the folder.") String path,
      @Doc("Entries, by name.") List<FileView> entries,
      @Doc("Whether there are more than are shown.") boolean truncated,
      @Doc("Where the next page begins; null on the last.") @Nullable String nextCursor) {}

  List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>();
    for (String family : List.of("fs", "files")) {
      String base = "/sandboxes/:id/" + family;
      String id = "sandboxes." + family + ".";
      all.add(
          FilesCapability.read(Operation.post(base + "/stat"), id + "stat", "Looks at a path.")
              .reads()
              .idempotency(Idempotency.NATURAL)
              .request(AtPath.class)
              .response(FileView.class, Envelope.FLAT_MIRROR)
              .handle((call, body) -> stat(call, body.path(), Boolean.TRUE.equals(body.follow()))));
      all.add(
          FilesCapability.read(Operation.get(base + "/stat"), id + "stat_get", "Looks at a path.")
              .query("path", "Path; a relative one begins at /workspace.")
              .query("follow", "boolean", "Of a link at its end: look at what it leads to.")
              .response(FileView.class, Envelope.FLAT_MIRROR)
              .handle(call -> stat(call, call.query("path"), call.queryFlag("follow", false))));
      for (String list : List.of("list", "readdir")) {
        all.add(
            listing(
                FilesCapability.read(
                    Operation.get(base + "/" + list), id + list, "Lists a folder.")));
      }
      all.add(
          FilesCapability.read(
                  Operation.get(base + "/tree"), id + "tree", "Shows a folder as a tree.")
              .priority("P2")
              .query("path", "Path; default /workspace.")
              .query("depth", "integer", "How deep; default 3.")
              .response(TreeNode.class, Envelope.FLAT_MIRROR)
              .handle(this::tree));
      all.add(
          FilesCapability.write(Operation.post(base + "/mkdir"), id + "mkdir", "Makes a folder.")
              .priority("P2")
              .request(MakeFolder.class)
              .response(Done.class, Envelope.FLAT)
              .handle(this::makeFolder));
      for (String rename : List.of("rename", "move")) {
        all.add(
            FilesCapability.write(
                    Operation.post(base + "/" + rename), id + rename, "Moves a file or folder.")
                .priority("P2")
                .request(FromTo.class)
                .response(Done.class, Envelope.FLAT)
                .handle((call, body) -> move(call, body, node.files()::move)));
      }
      all.add(
          FilesCapability.write(
                  Operation.post(base + "/copy"), id + "copy", "Copies a file or folder.")
              .priority("P2")
              .request(FromTo.class)
              .response(Done.class, Envelope.FLAT)
              .handle(this::copy));
      all.add(
          FilesCapability.write(
                  Operation.post(base + "/chmod"), id + "chmod", "Changes permission bits.")
              .priority("P2")
              .request(ChangeMode.class)
              .response(Done.class, Envelope.FLAT)
              .handle(this::changeMode));
      all.add(
          FilesCapability.write(Operation.delete(base), id + "delete", "Deletes a file or folder.")
              .priority("P2")
              .query("path", "Path, when the body does not name it.")
              .query("recursive", "boolean", "Also a folder with entries.")
              .request(Delete.class)
              .response(Done.class, Envelope.FLAT)
              .handle(this::delete));
    }
    all.add(
        listing(
            FilesCapability.read(
                Operation.get("/sandboxes/:id/files"),
                "sandboxes.files.list_root",
                "Lists a folder.")));
    return all;
  }

  private Operation<?, ?> listing(OperationBuilder<NoBody, NoBody> operation) {
    return operation
        .query("path", "Path; default /workspace.")
        .query("depth", "integer", "How deep; default 1.")
        .query("limit", "integer", "How many entries at most, up to 10000, which is the default.")
        .query("cursor", "Where the page begins: next_cursor of the page before.")
        .response(Listing.class, Envelope.FLAT_MIRROR)
        .handle(this::list);
  }

  private <T> T awake(Call call, Function<Sandbox, T> work) {
    return sandboxes.awake(call.principal(), call.path("id"), work);
  }

  private FileView stat(Call call, @Nullable String text, boolean follow) {
    SandboxPath path = SandboxPath.of(text);
    return awake(call, sandbox -> FileView.of(files.stat(sandbox.id(), path, follow)));
  }

  private DirectoryReply read(
      Call call, SandboxPath path, int depth, int limit, @Nullable String cursor) {
    String after = cursor == null ? "" : cursor;
    if (!CURSOR.matcher(after).matches()) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, "cursor");
    }
    return awake(
        call,
        sandbox ->
            node.files()
                .listDirectory(
                    ListDirectoryRequest.newBuilder()
                        .setWorkloadId(sandbox.id())
                        .setPath(path.value())
                        .setDepth(depth)
                        .setLimit(limit)
                        .setAfter(after)
                        .build()));
  }

  private Listing list(Call call) {
    SandboxPath path = SandboxPath.orHome(call.query("path"));
    int depth = call.queryInt("depth", 0, DEEPEST).orElse(1);
    int limit = Math.min(MOST, call.queryInt("limit", 1, Integer.MAX_VALUE).orElse(MOST));
    DirectoryReply reply = read(call, path, depth, limit, call.query("cursor"));
    return new Listing(
        path.value(),
        reply.getEntriesList().stream().map(FileView::of).toList(),
        reply.getCut(),
        reply.getNext().isEmpty() ? null : reply.getNext());
  }

  private TreeNode tree(Call call) {
    SandboxPath path = SandboxPath.orHome(call.query("path"));
    int depth = call.queryInt("depth", 0, DEEPEST).orElse(3);
    DirectoryReply reply = read(call, path, Math.max(1, depth), MOST, null);
    return TreeNode.of(path, reply.getEntriesList(), reply.getCut());
  }

  private Done makeFolder(Call call, MakeFolder body) {
    SandboxPath path = SandboxPath.of(body.path());
    boolean parents = !Boolean.FALSE.equals(body.recursive());
    int mode = Modes.of(body.mode());
    return awake(
        call,
        sandbox -> {
          try {
            files.makeDirectory(sandbox.id(), path, parents, mode);
          } catch (AtollException refused) {
            if (!parents || refused.code() != ErrorCode.FILE_EXISTS) {
              throw refused;
            }
            requireFolder(files.stat(sandbox.id(), path, true), refused);
          }
          return new Done(true, path.value());
        });
  }

  private static void requireFolder(FileInfo info, AtollException otherwise) {
    if (info.getType() != FileType.DIRECTORY) {
      throw otherwise;
    }
  }

  /** Replaces a folder with entries only where that was said: nothing brings those back. */
  private Done copy(Call call, FromTo body) {
    SandboxPath to = SandboxPath.of(body.to());
    if (body.overwrite() == null) {
      awake(
          call,
          sandbox -> {
            if (hasEntries(sandbox.id(), to)) {
              throw AtollException.of(ErrorCode.DIRECTORY_NOT_EMPTY, to.value());
            }
            return to;
          });
    }
    return move(call, body, node.files()::copy);
  }

  private boolean hasEntries(String sandbox, SandboxPath path) {
    try {
      return files.stat(sandbox, path, false).getType() == FileType.DIRECTORY
          && node.files()
                  .listDirectory(
                      ListDirectoryRequest.newBuilder()
                          .setWorkloadId(sandbox)
                          .setPath(path.value())
                          .setDepth(1)
                          .setLimit(1)
                          .build())
                  .getEntriesCount()
              > 0;
    } catch (AtollException refused) {
      if (refused.code() == ErrorCode.FILE_NOT_FOUND) {
        return false;
      }
      throw refused;
    }
  }

  private Done move(Call call, FromTo body, Function<MoveRequest, FileInfo> work) {
    SandboxPath from = SandboxPath.of(body.from());
    SandboxPath to = SandboxPath.of(body.to());
    boolean overwrite = !Boolean.FALSE.equals(body.overwrite());
    return awake(
        call,
        sandbox -> {
          var _ =
              work.apply(
                  MoveRequest.newBuilder()
                      .setWorkloadId(sandbox.id())
                      .setFrom(from.value())
                      .setTo(to.value())
                      .setOverwrite(overwrite)
                      .build());
          return new Done(true, to.value());
        });
  }

  private Done changeMode(Call call, ChangeMode body) {
    SandboxPath path = SandboxPath.of(body.path());
    int mode = Modes.required(body.mode());
    return awake(
        call,
        sandbox -> {
          node.files()
              .changeMode(
                  ChangeModeRequest.newBuilder()
                      .setWorkloadId(sandbox.id())
                      .setPath(path.value())
                      .setMode(mode)
                      .build());
          return new Done(true, path.value());
        });
  }

  private Done delete(Call call, Delete body) {
    String text = body.path() == null ? call.query("path") : body.path();
    SandboxPath path = SandboxPath.of(text);
    if (path.name().isEmpty()) {
      throw AtollException.withMessage(ErrorCode.INVALID_PATH, "The root cannot be deleted.");
    }
    Boolean said = body.recursive();
    boolean recursive = said == null ? call.queryFlag("recursive", false) : said;
    return awake(
        call,
        sandbox -> {
          node.files()
              .remove(
                  RemoveRequest.newBuilder()
                      .setWorkloadId(sandbox.id())
                      .setPath(path.value())
                      .setRecursive(recursive)
                      .build());
          return new Done(true, path.value());
        });
  }
}
