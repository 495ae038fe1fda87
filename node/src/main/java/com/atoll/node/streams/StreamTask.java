package com.atoll.node.streams;

import java.io.IOException;

/** What a redeemed ticket does with the client's connection. */
public interface StreamTask {
  /**
   * Runs the whole exchange. It answers {@link Client#ok} itself, since only it knows what goes
   * into it; a {@link com.atoll.node.faults.NodeFault} thrown before that becomes the negative
   * answer. The caller closes the connection.
   */
  void serve(Client client) throws IOException;
}
