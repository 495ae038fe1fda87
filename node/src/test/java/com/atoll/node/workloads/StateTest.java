package com.atoll.node.workloads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

final class StateTest {
  @Property
  void nothingComesBackFromDestroying(@ForAll State next) {
    assertEquals(next == State.DESTROYING, State.DESTROYING.mayBecome(next));
  }

  @Property
  void everythingCanBeDestroyed(@ForAll State state) {
    assertTrue(state.mayBecome(State.DESTROYING));
  }

  @Property
  void onlyWhatRunsCanBeFrozen(@ForAll State state) {
    assertEquals(state == State.RUNNING, state.mayBecome(State.FROZEN));
  }

  @Property
  void aRecordTakesNoIllegalStepAndKeepsAPlaceOnlyWhereProcessesAre(
      @ForAll State from, @ForAll State to) {
    WorkloadRecord record =
        new WorkloadRecord(
            "w",
            new WorkloadRecord.Origin("t", "d", "tree"),
            new Terms("h", Shape.ofPool(), Map.of(), List.of(), 0, 0, false),
            new Place("m", 1, "10.0.0.1", 2, 7, Boot.WARM, 0),
            from,
            "",
            true,
            0,
            0);
    if (!from.mayBecome(to)) {
      assertThrows(IllegalStateException.class, () -> record.with(to, ""));
      return;
    }
    WorkloadRecord next = record.with(to, "why");
    assertEquals(7, next.place().incarnation());
    assertFalse(!to.hasMachine() && !next.place().machine().isEmpty());
  }
}
