package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.server.code.Abandonable;
import com.atoll.server.code.Cell;
import com.atoll.server.code.Interpreters;
import com.atoll.server.http.SingleLine;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a cell does, one object a line. Only {@link #end} and {@link #refused} end the answer well:
 * a client takes one that has ended for that of a cell that has.
 */
final class CodeStream implements Interpreters.Listener {
  static final String TYPE = "application/x-ndjson";

  private static final Logger LOG = LoggerFactory.getLogger(CodeStream.class);
  private static final Map<String, String> FORMS =
      Map.ofEntries(
          Map.entry("text/plain", "text"),
          Map.entry("text/html", "html"),
          Map.entry("text/markdown", "markdown"),
          Map.entry("image/svg+xml", "svg"),
          Map.entry("image/png", "png"),
          Map.entry("image/jpeg", "jpeg"),
          Map.entry("application/pdf", "pdf"),
          Map.entry("text/latex", "latex"),
          Map.entry("application/json", "json"),
          Map.entry("application/javascript", "javascript"),
          Map.entry(Cell.TABLE, "data"));

  private final OutputStream out;
  private final ReentrantLock lock = new ReentrantLock();
  private final Abandonable client = new Abandonable();

  CodeStream(OutputStream out) {
    this.out = out;
  }

  @Override
  public void begins() {
    client.begins();
  }

  @Override
  public void runs(Runnable interrupt) {
    client.runs(interrupt);
  }

  /** The client has gone: a cell that runs is ended. */
  void leave() {
    client.leave();
  }

  @Override
  public void wrote(boolean error, String text) {
    Instant now = Instant.now();
    long nanos = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    try {
      send(message(error ? "stderr" : "stdout").put("text", text).put("timestamp", nanos));
    } catch (UncheckedIOException gone) {
      // The cell is interrupted by the end of the connection; its output is nobody's.
      LOG.trace("The client of a cell has gone.");
    }
  }

  @Override
  public void showed(Cell.Shown shown) {
    try {
      send(result(shown));
    } catch (UncheckedIOException gone) {
      LOG.trace("The client of a cell has gone.");
    }
  }

  /** This wire has no other word for it. */
  @Override
  public void lost(String why) {
    wrote(true, "\n" + why + "\n");
  }

  private static ObjectNode result(Cell.Shown shown) {
    ObjectNode result = message("result").put("is_main_result", shown.value());
    shown.data().forEach((mime, form) -> form(result, mime, form));
    return result;
  }

  /** Tells the rest of a cell that has ended, and ends the answer. */
  void end(Cell cell) {
    boolean told = false;
    for (Cell.Shown shown : cell.displays()) {
      if (!shown.value()) {
        continue;
      }
      ObjectNode result = result(shown);
      if (cell.text() != null) {
        result.put("text", cell.text());
        told = true;
      }
      send(result);
    }
    if (!told && cell.text() != null && !cell.language().equals("bash")) {
      send(message("result").put("is_main_result", true).put("text", cell.text()));
    }
    Cell.Failure error = cell.error();
    if (error != null) {
      error(error.name(), error.value(), error.traceback());
    }
    send(message("number_of_executions").put("execution_count", cell.executionCount()));
    close();
  }

  private static void form(ObjectNode result, String mime, JsonNode form) {
    String name = FORMS.get(mime);
    if (name != null) {
      result.set(name, form);
    } else {
      result.withObject("extra").set(mime, form);
    }
  }

  /** The answer has begun: what went wrong is told as an error of the cell. */
  void refused(AtollException e) {
    error(e.code().code(), e.getMessage() == null ? "" : e.getMessage(), "");
    close();
  }

  private void error(String name, String value, String traceback) {
    send(message("error").put("name", name).put("value", value).put("traceback", traceback));
  }

  /**
   * Sends the head of the answer, without a line of its own: a client has one time-out until then
   * and another for the cell, which may be silent for as long as it likes.
   */
  void open() {
    lock.lock();
    try {
      out.flush();
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    } finally {
      lock.unlock();
    }
  }

  private static ObjectNode message(String type) {
    return Backend.object().put("type", type);
  }

  private void send(ObjectNode message) {
    byte[] line = (SingleLine.of(message.toString()) + "\n").getBytes(StandardCharsets.UTF_8);
    lock.lock();
    try {
      out.write(line);
      out.flush();
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    } finally {
      lock.unlock();
    }
  }

  private void close() {
    send(message("end_of_execution"));
    try {
      out.close();
    } catch (IOException gone) {
      LOG.trace("The client of a cell has gone.");
    }
  }
}
