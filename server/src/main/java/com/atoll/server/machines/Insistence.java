package com.atoll.server.machines;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.store.SqlFaults;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Work that nobody waits for, tried again while the node or the database is away. */
public final class Insistence {
  /** Two minutes, with the pauses between them. */
  private static final int ROUNDS = 10;

  private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(125);

  private Insistence() {}

  /** Tries now, and again after pauses that grow, until it is done or two minutes are over. */
  public static void now(BooleanSupplier done) {
    tries(0, done);
  }

  /** The same, of which the first try has failed. */
  public static void again(BooleanSupplier done) {
    tries(1, done);
  }

  private static void tries(int from, BooleanSupplier done) {
    for (int round = from; round < ROUNDS; round++) {
      LockSupport.parkNanos(round == 0 ? 0 : FIRST_PAUSE_NANOS << round);
      if (done.getAsBoolean()) {
        return;
      }
    }
  }

  /** Whether what failed may be done later: the node or the database is away. */
  public static boolean isWorthwhile(RuntimeException failed) {
    return SqlFaults.isAway(failed)
        || (failed instanceof AtollException refused
            && refused.code() == ErrorCode.NODE_UNAVAILABLE);
  }
}
