package com.atoll.edge.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One exported release. It never changes, so what was looked up once stays true. Nothing outside
 * its folder is ever served: each path is resolved to where it really lies before it counts.
 */
public final class Site {
  private static final int MOST_KNOWN = 1_024;
  private static final int LONGEST_KNOWN = 256;
  private static final int LONGEST_PATH = 4_096;
  private static final Lookup MISSING = new Lookup.Missing();
  private static final Lookup FOLDER = new Lookup.Folder();

  private final Path root;
  private final Map<String, Lookup> known = new ConcurrentHashMap<>();

  /** The release in this folder. */
  public Site(Path folder) throws IOException {
    this.root = folder.toRealPath();
  }

  /**
   * Looks a request path up.
   *
   * @param path as the client sent it, still percent-encoded, without query
   * @param entrypoint what the root and the pages of an application are
   */
  public Lookup find(String path, String entrypoint) {
    Lookup before = known.get(path);
    if (before != null) {
      return before;
    }
    String decoded = decode(path);
    if (decoded == null || decoded.length() > LONGEST_PATH) {
      return MISSING;
    }
    Lookup found = look(decoded, entrypoint);
    // Only plain spellings are kept: there are as many of them as files.
    if (found instanceof Lookup.Found && path.length() <= LONGEST_KNOWN && path.indexOf('%') < 0) {
      if (known.size() >= MOST_KNOWN) {
        known.clear();
      }
      known.put(path, found);
    }
    return found;
  }

  private Lookup look(String path, String entrypoint) {
    if (path.equals("/")) {
      Lookup entry = file("/" + entrypoint);
      return entry instanceof Lookup.Found ? entry : file("/index.html");
    }
    if (path.endsWith("/")) {
      return file(path + "index.html");
    }
    Lookup exact = file(path);
    if (exact instanceof Lookup.Missing && path.indexOf('.', path.lastIndexOf('/')) < 0) {
      return file(path + ".html");
    }
    return exact;
  }

  private Lookup file(String path) {
    Path inside = root;
    for (String segment : path.substring(1).split("/", -1)) {
      if (!isServed(segment)) {
        return MISSING;
      }
      inside = inside.resolve(segment);
    }
    try {
      Path real = inside.toRealPath();
      if (!real.startsWith(root)) {
        return MISSING;
      }
      Map<String, Object> facts =
          Files.readAttributes(
              real,
              "unix:size,lastModifiedTime,ino,isRegularFile,isDirectory",
              LinkOption.NOFOLLOW_LINKS);
      if (Boolean.TRUE.equals(facts.get("isDirectory"))) {
        return file(path + "/index.html") instanceof Lookup.Found ? FOLDER : MISSING;
      }
      if (!Boolean.TRUE.equals(facts.get("isRegularFile"))) {
        return MISSING;
      }
      return new Lookup.Found(describe(inside, real, facts));
    } catch (NoSuchFileException missing) {
      return MISSING;
    } catch (IOException unreadable) {
      return MISSING;
    }
  }

  private SiteFile describe(Path inside, Path real, Map<String, Object> facts) throws IOException {
    long size = ((Number) value(facts, "size")).longValue();
    var modified = (FileTime) value(facts, "lastModifiedTime");
    long inode = ((Number) value(facts, "ino")).longValue();
    String name = inside.getFileName().toString();
    String mime = MimeTypes.of(name);
    String tag =
        Long.toHexString(size)
            + '-'
            + Long.toHexString(modified.to(TimeUnit.NANOSECONDS))
            + '-'
            + Long.toHexString(inode);
    return new SiteFile(
        real,
        size,
        modified.to(TimeUnit.SECONDS),
        tag,
        mime,
        MimeTypes.isCompressible(mime),
        sibling(real, ".br"),
        sibling(real, ".gz"));
  }

  private static Object value(Map<String, Object> facts, String name) throws IOException {
    Object value = facts.get(name);
    if (value == null) {
      throw new IOException("the file system does not tell " + name);
    }
    return value;
  }

  private @Nullable Path sibling(Path real, String suffix) {
    Path made = real.resolveSibling(real.getFileName() + suffix);
    return made.startsWith(root) && Files.isRegularFile(made, LinkOption.NOFOLLOW_LINKS)
        ? made
        : null;
  }

  /** Hidden names are not for the public, with the one exception that RFC 8615 makes. */
  private static boolean isServed(String segment) {
    return !segment.isEmpty()
        && segment.indexOf('\0') < 0
        && segment.length() <= 255
        && (!segment.startsWith(".") || segment.equals(".well-known"));
  }

  private static @Nullable String decode(String path) {
    if (path.indexOf('%') < 0) {
      return path.indexOf('\\') < 0 ? path : null;
    }
    byte[] bytes = new byte[path.length()];
    int length = 0;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '%') {
        int high = i + 2 < path.length() ? Character.digit(path.charAt(i + 1), 16) : -1;
        int low = i + 2 < path.length() ? Character.digit(path.charAt(i + 2), 16) : -1;
        if (high < 0 || low < 0) {
          return null;
        }
        bytes[length++] = (byte) (high << 4 | low);
        i += 2;
      } else {
        bytes[length++] = (byte) c;
      }
    }
    for (int i = 0; i < length; i++) {
      if (bytes[i] == 0 || bytes[i] == '\\') {
        return null;
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, 0, length))
          .toString();
    } catch (CharacterCodingException notUtf8) {
      return null;
    }
  }
}
