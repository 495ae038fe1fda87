package com.atoll.server.code;

import com.atoll.server.machines.NodeClient;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The interpreters in sandboxes, for every wire that runs code; callers have woken the sandbox. */
public final class Interpreters {
  private final Contexts contexts;
  private final Cells cells;

  /** Interpreters on this node. */
  public Interpreters(NodeClient node) {
    contexts = new Contexts(node);
    cells = new Cells(node, contexts);
  }

  /**
   * A cell to run.
   *
   * @param context name of the interpreter, which is started when there is none
   * @param directory where an interpreter that is started begins; null for the usual place
   * @param begins variables of an interpreter that is started, besides the usual
   * @param env variables of this cell alone
   * @param timeoutMs when it is interrupted
   * @param tables whether data frames are told by their columns too, as {@link Cell#TABLE}
   * @param breaksOff whether what waits for it breaks off in a pause because the time of the
   *     sandbox is over; the cell goes on with the next resume, and what comes next in its context
   *     waits
   */
  public record Ask(
      Language language,
      String context,
      @Nullable String directory,
      Map<String, String> begins,
      Map<String, String> env,
      String code,
      long timeoutMs,
      boolean tables,
      boolean breaksOff) {}

  /** Takes in what a cell writes while it runs. */
  public interface Listener {
    /** A listener that is told nothing. */
    Listener NONE = (error, text) -> {};

    /** It is the cell's turn; it does not run when this throws. */
    default void begins() {}

    /** It runs now; the argument ends it as its time-out does, without waiting for that. */
    default void runs(Runnable interrupt) {}

    /** Text that was written, to standard error or output; the cell waits for this to return. */
    void wrote(boolean error, String text);

    /** Something that was shown, other than the value of the cell. */
    default void showed(Cell.Shown shown) {}

    /** Something that was written or shown cannot be told, for this reason. */
    default void lost(String why) {}
  }

  /** An interpreter that lives. */
  public record Living(Language language, String name) {}

  /** Runs a cell once it is its turn in its context. */
  public Cell run(String sandboxId, Ask ask, Listener listener) {
    return cells.run(sandboxId, ask, listener);
  }

  /** Every interpreter of a sandbox. */
  public List<Living> list(String sandboxId) {
    return contexts.list(sandboxId).stream()
        .map(context -> new Living(context.language(), context.name()))
        .toList();
  }

  /** Ends the interpreters of this name; false when there was none. */
  public boolean end(String sandboxId, String name) {
    List<Contexts.Context> found =
        contexts.list(sandboxId).stream().filter(one -> one.name().equals(name)).toList();
    found.forEach(contexts::end);
    return !found.isEmpty();
  }

  Contexts contexts() {
    return contexts;
  }
}
