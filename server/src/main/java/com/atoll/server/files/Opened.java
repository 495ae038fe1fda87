package com.atoll.server.files;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.FileInfo;
import com.atoll.node.v1.FileType;
import com.atoll.node.v1.OpenReadReply;
import com.atoll.server.http.Call;
import com.atoll.server.machines.NodeStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A file that is open for a call, whole or the part of it that the call asks for. */
public final class Opened {
  static final String BYTES = "application/octet-stream";

  private final FileStore files;
  private final SandboxPath path;
  private final OpenReadReply reply;
  private final FileInfo info;
  private final Range range;

  private Opened(
      FileStore files, SandboxPath path, OpenReadReply reply, FileInfo info, Range range) {
    this.files = files;
    this.path = path;
    this.reply = reply;
    this.info = info;
    this.range = range;
  }

  /** Opens a file of a sandbox that runs. */
  public static Opened of(FileStore files, Call call, String sandbox, SandboxPath path) {
    FileInfo info = files.stat(sandbox, path, true);
    if (info.getType() != FileType.FILE) {
      throw AtollException.of(ErrorCode.NOT_A_FILE, path.value());
    }
    Range range = Range.of(wantedRange(call, info), info.getSize());
    OpenReadReply reply =
        range.partial()
            ? files.open(sandbox, path, range.offset(), range.length())
            : files.openWhole(sandbox, path);
    return new Opened(files, path, reply, info, range);
  }

  /** Answers the call with its bytes; {@code disposition} is attachment or inline. */
  public void send(Call call, @Nullable String disposition) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Disposition", Downloads.disposition(disposition, path.name()));
    headers.put("Accept-Ranges", "bytes");
    headers.put("ETag", tag(info));
    headers.put("X-Content-Type-Options", "nosniff");
    if (range.partial()) {
      call.setStatus(206);
      headers.put("Content-Range", range.contentRange(info.getSize()));
    }
    try (NodeStream stream = files.redeem(reply)) {
      long length = range.partial() ? range.length() : stream.size();
      Downloads.copy(stream.input(), call.raw(BYTES, OptionalLong.of(length), headers), length);
    }
  }

  /** Says whether a file is still the one that it was, so that a part goes with the others. */
  private static String tag(FileInfo info) {
    return '"'
        + Long.toHexString(info.getModifiedUnixMs())
        + '-'
        + Long.toHexString(info.getSize())
        + '"';
  }

  /** The range that is asked for; none where it was meant of a file that is another one by now. */
  private static @Nullable String wantedRange(Call call, FileInfo info) {
    String meant = call.header("If-Range");
    return meant == null || meant.strip().equals(tag(info)) ? call.header("Range") : null;
  }
}
