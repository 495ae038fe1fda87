package com.atoll.node.builds;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whose build is next. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class TurnsTest {
  private final Turns turns = new Turns(2);
  private final List<String> begun = new CopyOnWriteArrayList<>();

  private void ask(String name) throws InterruptedException {
    Thread asking =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              turns.begin(name.substring(0, 1));
              begun.add(name);
            });
    while (!begun.contains(name) && asking.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
  }

  private void endAndSee(String scope, String next) {
    int before = begun.size();
    turns.end(scope);
    while (begun.size() == before) {
      Thread.onSpinWait();
    }
    assertEquals(next, begun.getLast());
  }

  @Test
  void oneThatAsksForMuchHasBothTurnsOnlyWhileNobodyElseWaits() throws InterruptedException {
    for (String name : List.of("a1", "a2", "a3", "a4", "b1", "c1", "b2")) {
      ask(name);
    }
    assertEquals(List.of("a1", "a2"), begun);
    endAndSee("a", "b1");
    endAndSee("a", "c1");
    endAndSee("b", "a3");
    endAndSee("a", "b2");
    endAndSee("c", "a4");
  }

  @Test
  void oneThatStaysIsNotKeptOutByThoseThatComeAndGo() throws InterruptedException {
    for (String name : List.of("a1", "a2", "a3", "b1", "c1", "d1", "e1")) {
      ask(name);
    }
    endAndSee("a", "b1");
    endAndSee("a", "c1");
    endAndSee("b", "d1");
    ask("b2");
    endAndSee("c", "e1");
    ask("c2");
    endAndSee("d", "a3");
    endAndSee("e", "b2");
  }
}
