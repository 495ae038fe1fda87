package com.atoll.server.templates;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.TemplateBuildLog;
import com.atoll.node.v1.TemplateBuildLogRequest;
import com.atoll.server.http.Doc;
import com.atoll.server.machines.NodeClient;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the log of a build by the number of its lines, for clients that ask again and again. */
final class BuildLogPages {
  private static final int MOST_BYTES = 1 << 20;
  private static final int MOST_CURSORS = 1_000;

  private final NodeClient node;

  /** Where the line begins that a client is likely to ask for next. */
  private final Map<String, Cursor> cursors =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Cursor> eldest) {
          return size() > MOST_CURSORS;
        }
      };

  private record Cursor(int line, long offset) {}

  /** Some lines of a log. */
  record Lines(
      @Doc("Lines, the oldest first.") List<String> lines,
      @Doc("The number of the line after them.") int nextLine,
      @Doc("State of the build.") String state) {}

  BuildLogPages(NodeClient node) {
    this.node = node;
  }

  /** The lines from one on, counted from 0, as far as they are complete. */
  Lines read(Build build, int from, int most) {
    Cursor at = cursor(build.id(), from);
    List<String> lines = new ArrayList<>();
    try {
      boolean more = true;
      while (more && lines.size() < most) {
        TemplateBuildLog piece = node.templates().readTemplateBuildLog(request(build, at));
        byte[] bytes = piece.getOutput().toByteArray();
        Cursor before = at;
        at = take(bytes, at, from, most, lines, bytes.length < MOST_BYTES && build.isOver());
        more = bytes.length == MOST_BYTES && at.offset > before.offset;
      }
    } catch (AtollException refused) {
      // The node is only about to hear of it, or has forgotten it with its image.
      if (refused.code() != ErrorCode.NOT_FOUND) {
        throw refused;
      }
    }
    synchronized (cursors) {
      cursors.put(build.id(), at);
    }
    return new Lines(lines, from + lines.size(), build.state());
  }

  private Cursor cursor(String id, int from) {
    synchronized (cursors) {
      Cursor known = cursors.get(id);
      return known == null || known.line > from ? new Cursor(0, 0) : known;
    }
  }

  private static TemplateBuildLogRequest request(Build build, Cursor at) {
    return TemplateBuildLogRequest.newBuilder()
        .setId(build.id())
        .setOffset(at.offset)
        .setLimit(MOST_BYTES)
        .build();
  }

  /** Adds the lines that are asked for; where the next one begins. */
  private static Cursor take(
      byte[] bytes, Cursor start, int from, int most, List<String> lines, boolean last) {
    int number = start.line;
    long begin = start.offset;
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int i = 0; i < bytes.length && lines.size() < most; i++) {
      boolean end = bytes[i] == '\n';
      if (!end) {
        line.write(bytes[i]);
      }
      boolean rest = last && i == bytes.length - 1;
      if (end || rest || line.size() >= BuildLogs.LONGEST_LINE) {
        if (number >= from) {
          lines.add(BuildLogs.text(line));
        }
        line.reset();
        number++;
        begin = start.offset + i + 1;
      }
    }
    return new Cursor(number, begin);
  }
}
