package com.atoll.server.billing;

import com.atoll.server.store.Tx;
import java.util.Map;

/** What an organization uses now; each capability that counts something offers one. */
@FunctionalInterface
public interface UsageCounts {
  /** Counts by name, for example {@code sandboxes}. */
  Map<String, Integer> count(Tx tx);
}
