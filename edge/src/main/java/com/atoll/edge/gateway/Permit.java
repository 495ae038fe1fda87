package com.atoll.edge.gateway;

import io.netty.channel.EventLoop;
import java.util.concurrent.CompletableFuture;

/**
 * What one request was let through by to a private port. Whoever stays connected is looked at again
 * and again: a token that is revoked or ends takes its connections with it.
 *
 * @param slug names the sandbox's route
 * @param token what opened the port
 */
record Permit(PreviewGate gate, String slug, String sandboxId, int port, String token) {
  /** Calls back on this loop when the token opens the port no more. */
  void look(EventLoop loop, Runnable ended) {
    CompletableFuture<Boolean> opens = gate.stillOpens(slug, sandboxId, port, token);
    if (!opens.isDone()) {
      var _ = opens.thenAccept(still -> loop.execute(() -> end(still, ended)));
    } else if (!opens.isCompletedExceptionally()) {
      end(opens.join(), ended);
    }
  }

  private static void end(boolean still, Runnable ended) {
    if (!still) {
      ended.run();
    }
  }
}
