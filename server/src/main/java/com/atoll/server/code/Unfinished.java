package com.atoll.server.code;

import com.atoll.model.Recent;
import com.atoll.node.v1.Process;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The cells that nobody waits for any more and that go on all the same, by their context: what they
 * still write is not the output of the next cell there. Only the last ones are known.
 */
final class Unfinished {
  private static final int MOST = 10_000;

  private final Map<String, One> ones = Recent.map(MOST);

  /**
   * One of them.
   *
   * @param process the interpreter that runs it
   * @param nonce what marks its end
   * @param after the record before its first one
   */
  record One(Process process, String nonce, long after) {
    /** Ids of processes are given again by a sandbox that has started anew. */
    private boolean isOf(Process now) {
      return process.getPid() == now.getPid()
          && process.getStartedUnixMs() == now.getStartedUnixMs();
    }
  }

  void keep(String context, One one) {
    ones.put(context, one);
  }

  /** The one that this interpreter may still run; it is known no more. */
  @Nullable One take(String context, Process interpreter) {
    One one = ones.remove(context);
    return one == null || !one.isOf(interpreter) ? null : one;
  }
}
