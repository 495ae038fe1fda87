package com.atoll.server.templates;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.TemplateBuildLog;
import com.atoll.node.v1.TemplateBuildLogRequest;
import com.atoll.server.http.Call;
import com.atoll.server.http.EventStream;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.store.Store;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Sends the log of a build as events: each line, each change of state, to its end. */
final class BuildLogs {
  private static final int WAIT_MS = 5_000;
  private static final int LOOK_MS = 500;
  private static final int ROW_LOOK_MS = 50;
  static final int LONGEST_LINE = 16 << 10;

  private final Store store;
  private final NodeClient node;

  BuildLogs(Store store, NodeClient node) {
    this.store = store;
    this.node = node;
  }

  void follow(Call call, Build build) {
    long offset = offset(call.lastEventId());
    EventStream events = call.events();
    if (!build.isOver()) {
      events.send("state", Map.of("state", build.state())); // An end is told behind the lines.
    }
    Lines lines = new Lines((id, line) -> events.send(id, "log", Map.of("line", line)), offset);
    String told = build.state();
    CountDownLatch gone = new CountDownLatch(1);
    events.onDisconnect(gone::countDown);
    while (events.connected()) {
      TemplateBuildLog more;
      try {
        more = node.templates().readTemplateBuildLog(request(build.id(), lines.offset()));
      } catch (AtollException refused) {
        // Its row is committed, and the node may only just be about to hear of it.
        if (refused.code() != ErrorCode.NOT_FOUND || isOver(call, build) || gone(gone, LOOK_MS)) {
          break;
        }
        continue;
      }
      lines.take(more.getOutput().toByteArray());
      boolean over = Build.isOver(more.getState()) && more.getOutput().isEmpty();
      lines.finish(over);
      if (over) {
        // What the node has built is of use once the row says so too.
        while (!isOver(call, build) && !gone(gone, ROW_LOOK_MS)) {}
        break;
      }
      if (!more.getState().equals(told) && !Build.isOver(more.getState())) {
        told = more.getState();
        events.send("state", Map.of("state", told));
      }
    }
    if (events.connected()) {
      lines.finish(true);
      state(call, build, events);
    }
  }

  /** Where the client left: the id of the last line that it saw. */
  private static long offset(@Nullable String lastEventId) {
    if (lastEventId == null || lastEventId.isEmpty()) {
      return 0;
    }
    if (!lastEventId.matches("[0-9]{1,15}")) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, "last_event_id");
    }
    return Long.parseLong(lastEventId);
  }

  private static boolean gone(CountDownLatch gone, int withinMs) {
    try {
      return gone.await(withinMs, TimeUnit.MILLISECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private boolean isOver(Call call, Build build) {
    return store
        .transaction(call.principal(), tx -> TemplateStore.build(tx, build.id()))
        .map(Build::isOver)
        .orElse(true);
  }

  private void state(Call call, Build build, EventStream events) {
    store
        .transaction(call.principal(), tx -> TemplateStore.build(tx, build.id()))
        .ifPresent(now -> events.send("state", Map.of("state", now.state())));
  }

  private static TemplateBuildLogRequest request(String id, long offset) {
    return TemplateBuildLogRequest.newBuilder()
        .setId(id)
        .setOffset(offset)
        .setWaitMs(WAIT_MS)
        .build();
  }

  /** A program that writes its progress over and over again meant the last of it. */
  static String text(ByteArrayOutputStream line) {
    String text = line.toString(StandardCharsets.UTF_8).stripTrailing();
    return text.substring(text.lastIndexOf('\r') + 1);
  }

  /** Cuts bytes into lines; the id of an event is where the next line begins. */
  static final class Lines {
    private final BiConsumer<String, String> events;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private long offset;

    /** From an offset on; what is heard of a line is its id and its text. */
    Lines(BiConsumer<String, String> events, long offset) {
      this.events = events;
      this.offset = offset;
    }

    long offset() {
      return offset;
    }

    void take(byte[] bytes) {
      for (byte next : bytes) {
        if (next != '\n' && line.size() >= LONGEST_LINE) {
          send(); // The byte at hand begins the next piece, where a client resumes.
        }
        offset++;
        if (next == '\n') {
          send();
        } else {
          line.write(next);
        }
      }
    }

    void finish(boolean over) {
      if (over && line.size() > 0) {
        send();
      }
    }

    private void send() {
      String text = text(line);
      line.reset();
      events.accept(Long.toString(offset), text);
    }
  }
}
