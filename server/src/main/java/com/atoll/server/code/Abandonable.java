package com.atoll.server.code;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import org.jspecify.annotations.Nullable;

/** A cell that its caller may leave: it is interrupted then, or not begun. */
public final class Abandonable implements Interpreters.Listener {
  private @Nullable Runnable interrupt;
  private boolean left;

  /** One whose caller is there. */
  public Abandonable() {}

  @Override
  public synchronized void begins() {
    if (left) {
      throw AtollException.withMessage(
          ErrorCode.RESOURCE_STATE, "The caller has gone; the cell was not begun.");
    }
  }

  @Override
  public synchronized void runs(Runnable interrupts) {
    interrupt = interrupts;
    if (left) {
      interrupts.run();
    }
  }

  @Override
  public void wrote(boolean error, String text) {}

  /** The caller has gone. */
  public synchronized void leave() {
    left = true;
    if (interrupt != null) {
      interrupt.run();
    }
  }
}
