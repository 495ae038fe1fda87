package com.atoll.cli.console;

import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Json;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Results go to stdout, everything else to stderr; with JSON asked for, stdout is one JSON value.
 */
public final class Output {
  private final PrintStream out;
  private final PrintStream err;
  private final boolean json;

  /** Writes to these streams. */
  public Output(PrintStream out, PrintStream err, boolean json) {
    this.out = out;
    this.err = err;
    this.json = json;
  }

  /** Whether the caller is a program. */
  public boolean json() {
    return json;
  }

  /** Raw result bytes. */
  public PrintStream out() {
    return out;
  }

  /** Raw error bytes. */
  public PrintStream err() {
    return err;
  }

  /** The result: the value for programs, the line for people. */
  public void result(JsonNode value, String line) {
    out.println(json ? Json.pretty(value) : line);
    out.flush();
  }

  /** A list result: the answer for programs, a table of these columns for people. */
  public void table(JsonNode answer, List<Column> columns, String whenEmpty) {
    if (json) {
      out.println(Json.pretty(answer));
    } else if (Json.rows(answer).isEmpty()) {
      note(whenEmpty);
    } else {
      List<List<String>> cells = new ArrayList<>();
      cells.add(columns.stream().map(Column::title).toList());
      Json.rows(answer)
          .forEach(row -> cells.add(columns.stream().map(column -> column.of(row)).toList()));
      print(cells);
    }
    out.flush();
  }

  private void print(List<List<String>> cells) {
    int columns = cells.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : cells) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : cells) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        line.append(row.get(i)).repeat(" ", widths[i] - row.get(i).length() + 2);
      }
      out.println(line.toString().stripTrailing());
    }
  }

  /** A remark for people. */
  public void note(String line) {
    if (!json) {
      err.println(line);
    }
  }

  /** Starts a step of long work; its time is shown when it is closed. */
  public Step step(String what) {
    return new Step(what);
  }

  /** The failure, with what mends it. */
  public void failure(ApiException failure) {
    if (json) {
      ObjectNode answer = Json.object();
      answer.set("error", error(failure));
      out.println(Json.pretty(answer));
      out.flush();
    }
    refusal("", failure);
  }

  /** The failure of one of several, which begins so; the result tells of it too. */
  public void refusal(String of, ApiException failure) {
    err.println("atoll: " + of + failure.getMessage() + " [" + failure.code() + "]");
    if (failure.fix() != null) {
      err.println("  fix: " + failure.fix());
    }
    if (failure.requestId() != null) {
      err.println("  request: " + failure.requestId());
    }
    err.flush();
  }

  /** The failure for programs. */
  static ObjectNode error(ApiException failure) {
    ObjectNode error = Json.object();
    error.put("code", failure.code()).put("message", failure.getMessage());
    if (failure.status() > 0) {
      error.put("status", failure.status());
    }
    if (failure.fix() != null) {
      error.put("fix", failure.fix());
    }
    if (failure.requestId() != null) {
      error.put("request_id", failure.requestId());
    }
    return error;
  }

  /** One step of long work. */
  public final class Step implements AutoCloseable {
    private final long started = System.nanoTime();

    private Step(String what) {
      if (!json) {
        err.print(what + " … ");
        err.flush();
      }
    }

    @Override
    public void close() {
      if (!json) {
        err.printf("%.1f s%n", (System.nanoTime() - started) / 1e9);
      }
    }
  }

  /**
   * A column of a table.
   *
   * @param title its heading
   * @param field the field it shows
   */
  public record Column(String title, String field) {
    /** Columns whose headings are their field names. */
    public static List<Column> of(String... fields) {
      return java.util.Arrays.stream(fields)
          .map(field ->
              new Column(field.replace('_', ' ').toUpperCase(java.util.Locale.ROOT), field))
          .toList();
    }

    String of(JsonNode row) {
      return Json.text(row, field, "-").replaceAll("\\p{Cntrl}", " ");
    }
  }
}
