package com.atoll.server.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.atoll.node.v1.Process;
import org.junit.jupiter.api.Test;

final class UnfinishedTest {
  private static final Process INTERPRETER =
      Process.newBuilder().setPid(24).setStartedUnixMs(1_000).setLastSequence(7).build();

  private final Unfinished unfinished = new Unfinished();

  @Test
  void oneIsWaitedForByTheNextCellOfItsContextAlone() {
    Unfinished.One one = new Unfinished.One(INTERPRETER, "nonce", 7);
    unfinished.keep("context", one);
    assertNull(unfinished.take("other", INTERPRETER));
    Process later = INTERPRETER.toBuilder().setLastSequence(9).build();
    assertEquals(one, unfinished.take("context", later));
    assertNull(unfinished.take("context", later));
  }

  @Test
  void nobodyWaitsForOneWhoseInterpreterHasEnded() {
    unfinished.keep("context", new Unfinished.One(INTERPRETER, "nonce", 7));
    Process anew = INTERPRETER.toBuilder().setStartedUnixMs(2_000).build();
    assertNull(unfinished.take("context", anew));
    assertNull(unfinished.take("context", INTERPRETER));
  }
}
