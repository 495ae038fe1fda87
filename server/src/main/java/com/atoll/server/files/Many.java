package com.atoll.server.files;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.files.WriteApi.Failed;
import com.atoll.server.files.WriteApi.OldWrite;
import com.atoll.server.files.WriteApi.WriteMany;
import com.atoll.server.files.WriteApi.Written;
import com.atoll.server.files.WriteApi.WrittenMany;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes several files as one (ADR 23). Besides the body, which is in memory, the content of one
 * file at a time is.
 */
final class Many {
  private static final int MOST = 10_000;

  private final FileStore files;

  Many(FileStore files) {
    this.files = files;
  }

  /** A file that can be sent. */
  private static final class Ready {
    private final SandboxPath path;
    private final int mode;
    private final byte[] content;

    Ready(@Nullable OldWrite file) {
      if (file == null) {
        throw AtollException.invalid("files", "must be objects");
      }
      path = SandboxPath.of(file.path());
      FileStore.requireName(path);
      mode = Modes.of(file.mode());
      content = WriteApi.content(file);
    }
  }

  WrittenMany write(String sandbox, WriteMany body) {
    if (body.files().size() > MOST) {
      throw AtollException.invalid("files", "must be at most " + MOST);
    }
    boolean atomic = Boolean.TRUE.equals(body.atomic());
    try (ManyWrite write = files.writeMany(sandbox, atomic)) {
      return together(write, body.files(), atomic);
    } catch (AtollException refused) {
      if (refused.code() != ErrorCode.NOT_IMPLEMENTED) {
        throw refused;
      }
    }
    if (atomic) {
      throw AtollException.withMessage(
          ErrorCode.RESOURCE_STATE,
          "The agent of this sandbox is of an earlier version: stop and resume it first.");
    }
    return oneByOne(sandbox, body.files());
  }

  private static WrittenMany together(ManyWrite write, List<OldWrite> asked, boolean atomic) {
    List<Written> sent = new ArrayList<>();
    Map<Integer, String> refused = new HashMap<>();
    for (int i = 0; i < asked.size(); i++) {
      Ready file;
      try {
        file = new Ready(asked.get(i));
      } catch (AtollException problem) {
        if (atomic) {
          String why = problem.getMessage();
          AtollException whole =
              AtollException.withMessage(problem.code(), name(asked.get(i)) + ": " + why);
          throw problem.code() == ErrorCode.VALIDATION_FAILED
              ? whole.field("files[" + i + "]", why)
              : whole;
        }
        refused.put(i, problem.getMessage());
        continue;
      }
      write.add(file.path, file.mode, file.content);
      sent.add(Written.of(file.path, file.content.length));
    }
    Map<Integer, String> failures = write.finish();
    List<Written> written = new ArrayList<>();
    List<Failed> failed = new ArrayList<>();
    int at = 0;
    for (int i = 0; i < asked.size(); i++) {
      boolean wasSent = !refused.containsKey(i);
      String why = wasSent ? failures.get(at) : refused.get(i);
      if (why != null) {
        failed.add(new Failed(name(asked.get(i)), why));
      } else {
        written.add(sent.get(at));
      }
      at += wasSent ? 1 : 0;
    }
    return new WrittenMany(written, failed);
  }

  /** What an agent of an earlier version can do. */
  private WrittenMany oneByOne(String sandbox, List<OldWrite> asked) {
    List<Written> written = new ArrayList<>();
    List<Failed> failed = new ArrayList<>();
    for (OldWrite each : asked) {
      try {
        Ready file = new Ready(each);
        written.add(
            Written.of(file.path, files.write(sandbox, file.path, file.content, file.mode)));
      } catch (AtollException refused) {
        if (refused.code().status() >= 500 && written.isEmpty()) {
          throw refused;
        }
        failed.add(new Failed(name(each), refused.getMessage()));
      }
    }
    return new WrittenMany(written, failed);
  }

  private static String name(@Nullable OldWrite file) {
    return file == null ? "null" : String.valueOf(file.path());
  }
}
