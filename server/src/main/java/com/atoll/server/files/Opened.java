package com.atoll.server.files;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.FileInfo;
import com.atoll.node.v1.FileType;
import com.atoll.server.http.Call;
import com.atoll.server.machines.NodeStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A file that is open for a call, whole or the part of it that the call asks for. */
public final class Opened {
  static final String BYTES = "application/octet-stream";

  /** How often a file may be replaced between the look at it and its opening. */
  private static final int ATTEMPTS = 3;

  private final SandboxPath path;
  private final String tag;
  private final Range range;
  private final long size;

  /** What comes of it; null where the client has all of it. */
  private final @Nullable NodeStream stream;

  private Opened(
      SandboxPath path, String tag, Range range, long size, @Nullable NodeStream stream) {
    this.path = path;
    this.tag = tag;
    this.range = range;
    this.size = size;
    this.stream = stream;
  }

  /** Opens a file of a sandbox that runs; who opens it sends it, which closes it. */
  public static Opened of(FileStore files, Call call, String sandbox, SandboxPath path) {
    Conditions conditions = Conditions.of(call);
    FileInfo info = look(files, sandbox, path);
    for (int i = 0; i < ATTEMPTS; i++) {
      String tag = tag(info.getVersion(), info);
      if (conditions.areMetBy(tag)) {
        return new Opened(path, tag, new Range(0, 0, false), 0, null);
      }
      Range range = Range.of(conditions.wantedOf(tag), info.getSize());
      if (!range.partial()) {
        break;
      }
      NodeStream part = files.redeem(files.open(sandbox, path, range.offset(), range.length()));
      if (part.version().equals(info.getVersion())) {
        return new Opened(path, tag, range, info.getSize(), part);
      }
      // The part is of another file than the size.
      part.close();
      info = look(files, sandbox, path);
    }
    // What is sent as a whole needs nothing of what was there before it was opened.
    NodeStream whole = files.redeem(files.openWhole(sandbox, path));
    Range all = new Range(0, whole.size(), false);
    return new Opened(path, tag(whole.version(), info), all, whole.size(), whole);
  }

  private static FileInfo look(FileStore files, String sandbox, SandboxPath path) {
    FileInfo info = files.stat(sandbox, path, true);
    if (info.getType() != FileType.FILE) {
      throw AtollException.of(ErrorCode.NOT_A_FILE, path.value());
    }
    return info;
  }

  /** Answers the call with its bytes; {@code disposition} is attachment or inline. */
  public void send(Call call, @Nullable String disposition) {
    if (stream == null) {
      call.notModified(Map.of("ETag", tag));
      return;
    }
    try (NodeStream bytes = stream) {
      Map<String, String> headers = new LinkedHashMap<>();
      headers.put("Content-Disposition", Downloads.disposition(disposition, path.name()));
      headers.put("Accept-Ranges", "bytes");
      headers.put("ETag", tag);
      headers.put("X-Content-Type-Options", "nosniff");
      if (range.partial()) {
        call.setStatus(206);
        headers.put("Content-Range", range.contentRange(size));
      }
      long length = range.length();
      Downloads.copy(bytes.input(), call.raw(BYTES, OptionalLong.of(length), headers), length);
    }
  }

  /**
   * Says whether a file is still the one that it was, so that a part goes with the others. A guest
   * of an earlier version knows only a time that whoever writes may choose: that is a weak one.
   */
  private static String tag(String version, FileInfo info) {
    return version.isEmpty()
        ? "W/\""
            + Long.toHexString(info.getModifiedUnixMs())
            + '-'
            + Long.toHexString(info.getSize())
            + '"'
        : '"' + version + '"';
  }
}
