package com.atoll.server.files;

import com.atoll.model.AtollException;
import com.atoll.node.v1.SearchMatch;
import com.atoll.node.v1.SearchReply;
import com.atoll.node.v1.SearchRequest;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.Sandboxes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds files by name and by what is in them. */
final class SearchApi {
  private static final int USUAL = 100;
  private static final int MOST = 1_000;
  private static final int LONGEST_NAME = 255;
  private static final int LONGEST_TEXT = 1_024;

  private final Sandboxes sandboxes;
  private final NodeClient node;

  SearchApi(Sandboxes sandboxes, NodeClient node) {
    this.sandboxes = sandboxes;
    this.node = node;
  }

  /** What to look for. */
  record Search(
      @Doc("Folder, with all below it; default /workspace.") @Nullable String path,
      @Doc("Pattern of file names, with * ? and [a-z]; any when absent.") @Nullable String name,
      @Doc("Text in a line of a file, as it is, at most 1,024 bytes; files with NUL are left out.")
          @Nullable String content,
      @Doc("Whether upper and lower case are the same; default false.")
          @Nullable Boolean ignoreCase,
      @Doc("Matches, 1 to 1,000; default 100.") @Nullable Integer limit) {}

  /** A file that was found, or a line in it. */
  record Found(
      @Doc("Absolute path.") String path,
      @Doc("Last part of the path.") String name,
      @Doc("file, dir, symlink or special.") String type,
      @Doc("Whether it is a folder.") boolean isDir,
      @Doc("Size in bytes.") long size,
      @Doc("Number of the line, from 1; null when content was not asked for.") @Nullable Long line,
      @Doc("The line, of a long one some 300 bytes around the place.") @Nullable String text) {
    static Found of(SearchMatch match) {
      FileView file = FileView.of(match.getInfo());
      boolean inside = match.getLine() > 0;
      return new Found(
          file.path(),
          file.name(),
          file.type(),
          file.isDir(),
          file.size(),
          inside ? match.getLine() : null,
          inside ? match.getText() : null);
    }
  }

  /** What was found. */
  record Result(
      @Doc("Path of the folder.") String path,
      @Doc("Matches, by path and line.") List<Found> matches,
      @Doc("Whether there may be more: the limit, or 10 seconds, were reached.")
          boolean truncated) {}

  List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>();
    for (String family : List.of("fs", "files")) {
      all.add(
          FilesCapability.read(
                  Operation.post("/sandboxes/:id/" + family + "/search"),
                  "sandboxes." + family + ".search",
                  "Finds files by name and by what is in them; links are not followed.")
              .priority("P3")
              .reads()
              .idempotency(Idempotency.NATURAL)
              .request(Search.class)
              .response(Result.class, Envelope.FLAT_MIRROR)
              .handle(this::search));
    }
    return all;
  }

  private Result search(Call call, Search body) {
    SandboxPath path = SandboxPath.orHome(body.path());
    String name = bounded("name", body.name(), LONGEST_NAME);
    String text = bounded("content", body.content(), LONGEST_TEXT);
    if (name.isEmpty() && text.isEmpty()) {
      throw AtollException.invalid("name", "or content is required");
    }
    int limit = body.limit() == null ? USUAL : body.limit();
    if (limit < 1 || limit > MOST) {
      throw AtollException.invalid("limit", "must be between 1 and " + MOST);
    }
    SearchReply reply =
        sandboxes.awake(
            call.principal(),
            call.path("id"),
            sandbox ->
                node.files()
                    .search(
                        SearchRequest.newBuilder()
                            .setWorkloadId(sandbox.id())
                            .setPath(path.value())
                            .setName(name)
                            .setText(text)
                            .setIgnoreCase(Boolean.TRUE.equals(body.ignoreCase()))
                            .setLimit(limit)
                            .build()));
    return new Result(
        path.value(), reply.getMatchesList().stream().map(Found::of).toList(), reply.getCut());
  }

  private static String bounded(String field, @Nullable String text, int most) {
    if (text == null) {
      return "";
    }
    if (text.getBytes(StandardCharsets.UTF_8).length > most
        || text.indexOf('\n') >= 0
        || text.indexOf('\0') >= 0) {
      throw AtollException.invalid(
          field, "must be one line of at most " + most + " bytes, without NUL");
    }
    return text;
  }
}
