package com.atoll.edge.dns;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Answers queries. */
public interface Answerer {
  /** The answer to a query of this client, or null when it deserves none. */
  byte @Nullable [] answer(byte[] query, InetAddress client, boolean tcp);
}
