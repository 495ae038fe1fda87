package com.atoll.server.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.machines.NodeProcesses.Typed;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class TypedInputTest {
  private final List<String> taken = Collections.synchronizedList(new ArrayList<>());
  private final List<ErrorCode> away = Collections.synchronizedList(new ArrayList<>());

  private Typed take(ByteString bytes) {
    taken.add(bytes.toStringUtf8());
    return Typed.TAKEN;
  }

  @Test
  void whatABusyShellRefusesIsTypedLaterAndInOrder() throws InterruptedException {
    AtomicInteger tries = new AtomicInteger();
    CountDownLatch all = new CountDownLatch(3);
    TypedInput input =
        new TypedInput(
            bytes -> {
              if (tries.getAndIncrement() % 3 != 2) {
                return Typed.BLOCKED;
              }
              all.countDown();
              return take(bytes);
            },
            refused -> away.add(refused.code()));
    for (String text : List.of("one", "two", "three")) {
      input.add(ByteString.copyFromUtf8(text));
    }
    assertTrue(all.await(10, TimeUnit.SECONDS));
    input.finish();
    assertEquals(List.of("one", "two", "three"), taken);
    assertEquals(List.of(), away);
  }

  @Test
  void whatIsTypedAfterTheEndOfTheShellIsDropped() throws InterruptedException {
    TypedInput input = new TypedInput(_ -> Typed.ENDED, refused -> away.add(refused.code()));
    for (int i = 0; i < 10; i++) {
      input.add(ByteString.copyFrom(new byte[1 << 20]));
    }
    input.finish();
    assertEquals(List.of(), away);
  }

  @Test
  void whoeverLeavesABusyShellWaitsForItNoLonger() throws InterruptedException {
    TypedInput input = new TypedInput(_ -> Typed.BLOCKED, refused -> away.add(refused.code()));
    input.add(ByteString.copyFromUtf8("paste"));
    input.finish();
    assertEquals(List.of(), away);
  }

  @Test
  void whatWasTypedBeforeSomebodyLeftIsTyped() throws InterruptedException {
    TypedInput input = new TypedInput(this::take, refused -> away.add(refused.code()));
    input.add(ByteString.copyFromUtf8("make\n"));
    input.finish();
    assertEquals(List.of("make\n"), taken);
  }

  @Test
  void aNodeThatIsAwayIsTold() throws InterruptedException {
    TypedInput input =
        new TypedInput(
            _ -> {
              throw AtollException.withMessage(ErrorCode.NODE_UNAVAILABLE, "away");
            },
            refused -> away.add(refused.code()));
    input.add(ByteString.copyFromUtf8("x"));
    input.finish();
    assertEquals(List.of(ErrorCode.NODE_UNAVAILABLE), away);
  }
}
