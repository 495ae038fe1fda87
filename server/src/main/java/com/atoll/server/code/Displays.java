package com.atoll.server.code;

import com.atoll.server.code.Interpreters.Listener;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Standard output of a cell with what the cell shows: a listener is told all of it, and as much is
 * kept for a plain answer as there is room for.
 */
final class Displays implements Capture.Sink {
  private static final int MOST = 256;

  /** Of all that are kept, as they come in. */
  private static final int ROOM = 12 << 20;

  private final Listener listener;
  private final List<Cell.Shown> kept = new ArrayList<>();
  private final Set<String> losses = new HashSet<>();
  private int room = ROOM;
  private boolean cut;

  Displays(Listener listener) {
    this.listener = listener;
  }

  @Override
  public void text(String text) {
    listener.wrote(false, text);
  }

  @Override
  public void message(@Nullable String message) {
    Optional<Cell.Shown> read = message == null ? Optional.empty() : Answer.shown(message);
    if (message == null || read.isEmpty()) {
      lost("Something that the cell shows was left out: it is too large.");
      return;
    }
    Cell.Shown shown = new Cell.Shown(false, read.get().data());
    listener.showed(shown);
    if (kept.size() < MOST && message.length() <= room) {
      room -= message.length();
      kept.add(shown);
    } else {
      cut = true;
    }
  }

  /** Takes in what an answer carries; that of earlier programs has all that the cell showed. */
  void end(Answer answer) {
    answer.displays().stream().filter(shown -> !shown.value()).forEach(listener::showed);
    kept.addAll(answer.displays());
    cut |= answer.resultCut();
    if (answer.cut()) {
      lost("What the cell answers was cut: it is too long.");
    }
  }

  /** Something is missing even to the listener, who is told of each reason once. */
  void lost(String why) {
    cut = true;
    if (losses.add(why)) {
      listener.lost(why);
    }
  }

  /** What was kept, in the order in which it was shown. */
  List<Cell.Shown> kept() {
    return kept;
  }

  /** Whether something was not kept. */
  boolean isCut() {
    return cut;
  }
}
