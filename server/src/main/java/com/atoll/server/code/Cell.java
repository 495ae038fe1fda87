package com.atoll.server.code;

import com.atoll.server.http.Doc;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What one cell did. */
public record Cell(
    @Doc("Whether it ended without an error.") boolean ok,
    @Doc("Standard output, at most 1 MiB.") String stdout,
    @Doc("Standard error, at most 1 MiB, and after it what went wrong.") String stderr,
    @Doc("Value of its last expression as JSON; as text when it has no such form.")
        @Nullable JsonNode result,
    @Doc("The same value as the language writes it.") @Nullable String text,
    @Doc("What it showed and what its value looks like, in other forms than text.")
        List<Shown> displays,
    @Doc("What went wrong.") @Nullable Failure error,
    @Doc("Language.") String language,
    @Doc("Context that it ran in.") String context,
    @Doc("How many cells this context has run, with this one.") int executionCount,
    @Doc("Whether its time-out interrupted it.") boolean timedOut,
    @Doc("Whether the context ended with it: the next cell begins in an empty one.")
        boolean contextLost,
    @Doc("Whether output was cut.") boolean truncated,
    @Doc("How long it took.") long durationMs) {

  /** The MIME type of a data frame by its columns, where those are asked for. */
  public static final String TABLE = "application/vnd.atoll.columns+json";

  /** Something that a cell shows. */
  public record Shown(
      @Doc("Whether it is the value of the last expression.") boolean value,
      @Doc("Its forms by their MIME type; bytes in base64.") Map<String, JsonNode> data) {}

  /** The same with its error at the end of what it wrote, for clients that read nothing else. */
  Cell withErrorWritten() {
    if (error == null) {
      return this;
    }
    String said =
        error.traceback().isEmpty() ? error.name() + ": " + error.value() : error.traceback();
    String before = stderr.isEmpty() || stderr.endsWith("\n") ? stderr : stderr + "\n";
    return new Cell(
        ok,
        stdout,
        before + said,
        result,
        text,
        displays,
        error,
        language,
        context,
        executionCount,
        timedOut,
        contextLost,
        truncated,
        durationMs);
  }

  /** An error of a cell. */
  public record Failure(
      @Doc("Kind of error, as the language names it.") String name,
      @Doc("What it says.") String value,
      @Doc("Where it happened, as the language shows it.") String traceback) {}
}
