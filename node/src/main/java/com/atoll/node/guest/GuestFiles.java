package com.atoll.node.guest;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Files of one sandbox, as its root sees them. Paths are absolute. Codes PATH_NOT_FOUND,
 * NOT_A_FILE, NOT_A_DIRECTORY, NOT_EMPTY, SPECIAL_FILE, DISK_FULL, ALREADY_EXISTS, INVALID_PATH,
 * TOO_LARGE, PERMISSION_DENIED, BUSY.
 */
public final class GuestFiles {
  /** The format of archives that every guest makes. */
  public static final String TAR_GZ = "tar.gz";

  /** The formats of archives. */
  public static final Set<String> ARCHIVES = Set.of(TAR_GZ, "tar", "zip");

  private static final int DEFAULT_ENTRIES = 10_000;
  private static final int MAX_SMALL = 16 << 20;

  private final GuestClient guest;

  GuestFiles(GuestClient guest) {
    this.guest = guest;
  }

  /** What is at the path; the target of a final symbolic link when it is followed. */
  public FileInfo stat(String path, boolean follow) {
    return stat(path, follow, false);
  }

  /** The same, with what the path itself was given beside its content. */
  public FileInfo stat(String path, boolean follow, boolean attributes) {
    return info(at("stat", path).put("follow", follow).put("attributes", attributes));
  }

  /** What is below a directory, without attributes. */
  public DirectoryListing list(String path, int depth, int limit) {
    return list(path, depth, limit, "", false);
  }

  /**
   * What is below a directory.
   *
   * @param depth 1 = its own entries; at most 32
   * @param limit entries, at most 10,000; 0 = 10,000
   * @param after where the page before said that this one begins; empty = at the beginning
   * @param attributes whether what each was given beside its content is wanted
   */
  public DirectoryListing list(
      String path, int depth, int limit, String after, boolean attributes) {
    int most = limit == 0 ? DEFAULT_ENTRIES : limit;
    return guest.call(
        at("list", path)
            .put("depth", depth)
            .put("limit", most)
            .put("after", after)
            .put("attributes", attributes),
        null,
        GuestClient.LONG,
        answer -> Answers.listing(answer, path, most));
  }

  /**
   * Makes a directory.
   *
   * @param parents whether those above are made too, and one that exists is fine
   * @param mode 0 = 0755
   */
  public FileInfo makeDirectory(String path, boolean parents, int mode) {
    return makeDirectory(path, parents, mode, null);
  }

  /** The same; what is made belongs to an owner. */
  public FileInfo makeDirectory(String path, boolean parents, int mode, @Nullable Owner owner) {
    ObjectNode header = owned(at("mkdir", path).put("parents", parents).put("mode", mode), owner);
    // Volumes are attached with it while the sandbox is held: an agent that is silent must not hold
    // that up for long.
    return guest.call(header, null, GuestClient.USUAL, answer -> Answers.file(answer.path("info")));
  }

  /** Removes a file or directory; one that is not empty only when recursive. */
  public void remove(String path, boolean recursive) {
    guest.call(
        at("remove", path).put("recursive", recursive), null, GuestClient.LONG, answer -> true);
  }

  /** Renames; directories above the new name are made. */
  public FileInfo move(String from, String to, boolean overwrite) {
    return move(from, to, overwrite, null);
  }

  /** The same; directories that are made belong to an owner. */
  public FileInfo move(String from, String to, boolean overwrite, @Nullable Owner owner) {
    return info(owned(fromTo("move", from, to, overwrite), owner));
  }

  /** Copies a file or a tree; directories above the new name are made. */
  public FileInfo copy(String from, String to, boolean overwrite) {
    return info(fromTo("copy", from, to, overwrite));
  }

  /** Sets the permission bits. */
  public FileInfo changeMode(String path, int mode) {
    return info(at("chmod", path).put("mode", mode));
  }

  /** A file as a whole; TOO_LARGE when it is longer than the limit. */
  public FileContent readSmall(String path, int limit) {
    int most = Math.min(limit, MAX_SMALL);
    return guest.exchange(
        at("read", path).put("limit", most),
        null,
        GuestClient.LONG,
        (connection, answer) ->
            new FileContent(
                Answers.file(answer.path("info")),
                connection.bytes(Answers.number(answer, "size", 0, most), most)));
  }

  /** The bytes from offset on; length 0 = to the end. */
  public GuestReader read(String path, long offset, long length) {
    return guest.open(
        at("read", path).put("offset", offset).put("length", length),
        null,
        GuestClient.USUAL,
        (connection, answer) -> reader(connection, answer, length));
  }

  private static GuestReader reader(Connection connection, JsonNode answer, long length) {
    long size = Answers.number(answer, "size", 0, length == 0 ? Long.MAX_VALUE : length);
    return new GuestReader(Answers.file(answer.path("info")), size, connection.detach());
  }

  /**
   * Replaces a file as a whole; directories above are made.
   *
   * @param mode 0 = as it was, else 0644
   */
  public FileInfo writeSmall(String path, byte[] content, int mode) {
    return guest.call(
        at("write", path).put("mode", mode).put("body", content.length),
        content,
        GuestClient.LONG,
        answer -> Answers.file(answer.path("info")));
  }

  /** Replaces a file by what is written, without attributes. */
  public GuestWriter write(String path, int mode, long sizeLimit) {
    return write(new NewFile(path, mode, sizeLimit, Map.of(), null));
  }

  /** Replaces a file by what is written; nothing changes before {@link GuestWriter#commit}. */
  public GuestWriter write(NewFile file) {
    ObjectNode header =
        at("write", file.path())
            .put("mode", file.mode())
            .put("body", -1)
            .put("size_limit", file.sizeLimit());
    header.set("attributes", Connection.JSON.valueToTree(file.attributes()));
    return new GuestWriter(guest.begin(owned(header, file.owner()), null));
  }

  /**
   * Takes several files, framed as the protocol says; none has its name before {@link
   * GuestWriter#commitMany}.
   *
   * @param atomic all of them or none
   */
  public GuestWriter writeMany(boolean atomic) {
    ObjectNode header = Connection.header("write-many").put("atomic", atomic).put("body", -1);
    return new GuestWriter(guest.begin(header, null));
  }

  /** Names and lines below a directory. */
  public SearchResult search(SearchWish wish) {
    ObjectNode header =
        at("search", wish.path())
            .put("name", wish.name())
            .put("text", wish.text())
            .put("ignore_case", wish.ignoreCase())
            .put("limit", wish.limit());
    return guest.call(header, null, GuestClient.LONG, answer -> Answers.matches(answer, wish));
  }

  /** Puts the entries of an archive into a directory; the size of the answer counts them. */
  public GuestWriter unpack(String path) {
    return new GuestWriter(guest.begin(at("unpack", path).put("body", -1), null));
  }

  /** A tar.gz of several paths; its stream fails where the guest could not go on. */
  public GuestArchive archive(List<String> paths) {
    return archive(paths, TAR_GZ);
  }

  /**
   * The same as one of {@link #ARCHIVES}. An agent of an earlier version makes only tar.gz and
   * refuses others as UNKNOWN_CALL.
   */
  public GuestArchive archive(List<String> paths, String format) {
    ObjectNode header =
        format.equals(TAR_GZ)
            ? Connection.header("archive")
            : Connection.header("archive-as").put("format", format);
    header.set("paths", Connection.JSON.valueToTree(paths));
    return new GuestArchive(guest.stream(header, null, GuestClient.USUAL));
  }

  /**
   * Changes below a directory.
   *
   * @param after the cursor of the last change that is known; empty: from now on
   */
  public GuestWatch watch(String path, boolean recursive, boolean attributes, String after) {
    ObjectNode header = at("watch", path).put("recursive", recursive).put("attributes", attributes);
    if (!after.isEmpty()) {
      header.put("after", after);
    }
    return guest.open(
        header,
        null,
        GuestClient.USUAL,
        (connection, answer) -> GuestWatch.of(answer, after, connection.detach()));
  }

  private FileInfo info(ObjectNode header) {
    return guest.call(header, null, GuestClient.LONG, answer -> Answers.file(answer.path("info")));
  }

  private static ObjectNode owned(ObjectNode header, @Nullable Owner owner) {
    if (owner != null) {
      header.set("owner", owner.json());
    }
    return header;
  }

  private static ObjectNode at(String call, String path) {
    return Connection.header(call).put("path", path);
  }

  private static ObjectNode fromTo(String call, String from, String to, boolean overwrite) {
    return Connection.header(call).put("from", from).put("to", to).put("overwrite", overwrite);
  }
}
