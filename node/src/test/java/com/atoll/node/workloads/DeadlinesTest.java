package com.atoll.node.workloads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.network.Guard;
import com.atoll.node.workloads.Deadlines.Due;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

final class DeadlinesTest {
  private static final long NOW = 1_000_000;

  private static WorkloadRecord record(
      State state, boolean confirmed, long leaseEnds, long timeoutAt, long idle, boolean destroy) {
    return new WorkloadRecord(
        "w",
        new WorkloadRecord.Origin("t", "d", "tree"),
        new Terms("h", Shape.ofPool(), Map.of(), List.of(), timeoutAt, idle, destroy),
        new Place("m", 1, "10.0.0.1", 2, 1, Boot.WARM, 0),
        state,
        "",
        confirmed,
        leaseEnds,
        0);
  }

  private static Due due(WorkloadRecord record, long lastActivity, int uses) {
    return Deadlines.at(NOW, record, lastActivity, uses, 0);
  }

  @Test
  void anUnconfirmedClaimIsFrozenAtTheEndOfItsLeaseAndThenAskedAboutAgainAndAgain() {
    assertEquals(Due.NOTHING, due(record(State.RUNNING, false, NOW + 1, 0, 0, false), 0, 0));
    assertEquals(Due.FREEZE_CLAIM, due(record(State.RUNNING, false, NOW, 0, 0, false), 0, 0));
    WorkloadRecord frozen = record(State.FROZEN, false, NOW, 0, 0, false);
    assertEquals(Due.ASK_ABOUT_CLAIM, due(frozen, 0, 0));
    assertEquals(Due.NOTHING, Deadlines.at(NOW, frozen, 0, 0, NOW - 1));
  }

  @Test
  void whatIsUsedIsNotIdle() {
    WorkloadRecord idle = record(State.RUNNING, true, 0, 0, 500, false);
    assertEquals(Due.PAUSE_IDLE, due(idle, NOW - 500, 0));
    assertEquals(Due.NOTHING, due(idle, NOW - 499, 0));
    assertEquals(Due.NOTHING, due(idle, NOW - 500, 1));
  }

  @Test
  void timeIsOverAlsoForWhatIsUsed() {
    assertEquals(Due.PAUSE, due(record(State.RUNNING, true, 0, NOW, 0, false), NOW, 3));
    assertEquals(Due.DESTROY, due(record(State.RUNNING, true, 0, NOW, 0, true), NOW, 3));
    assertEquals(Due.DESTROY, due(record(State.FAILED, true, 0, NOW, 0, true), NOW, 0));
  }

  @Property
  void whatIsPausedIsNeverDestroyedByTime(
      @ForAll boolean frozen, @ForAll @LongRange(max = 2 * NOW) long end) {
    State state = frozen ? State.FROZEN : State.STOPPED;
    assertEquals(Due.NOTHING, due(record(state, true, 0, end, 1, true), 0, 0));
  }

  @Test
  void whatLostItsProcessesGoesWithItsTime() {
    WorkloadRecord lost = record(State.RUNNING, true, 0, NOW, 1, true).withoutProcesses();
    assertEquals(State.STOPPED, lost.state());
    assertEquals(Due.DESTROY, due(lost, 0, 0));
    assertEquals(Due.NOTHING, Deadlines.at(NOW - 1, lost, 0, 0, 0));
    WorkloadRecord kept = record(State.RUNNING, true, 0, NOW, 1, false).withoutProcesses();
    assertEquals(Due.NOTHING, due(kept, 0, 0));
    WorkloadRecord claim = record(State.RUNNING, false, NOW, NOW, 1, true).withoutProcesses();
    assertEquals(Due.ASK_ABOUT_CLAIM, Deadlines.at(NOW, claim, 0, 0, -NOW));
  }

  @Test
  void whatWasPausedAndThenLostItsProcessesIsPausedAsBefore() {
    for (String why : List.of("", WorkloadRecord.IDLE)) {
      WorkloadRecord paused = record(State.RUNNING, true, 0, NOW, 1, true).with(State.FROZEN, why);
      assertEquals(why, paused.withoutProcesses().reason());
      assertEquals(Due.NOTHING, due(paused.withoutProcesses(), 0, 0));
    }
    WorkloadRecord lost = record(State.RUNNING, true, 0, NOW, 1, true).withoutProcesses();
    assertEquals(Due.NOTHING, due(lost.with(State.STOPPED, ""), 0, 0));
  }

  @Property
  void nothingIsDueBeforeAnyOfItsTimes(
      @ForAll State state,
      @ForAll boolean destroy,
      @ForAll @LongRange(min = 1, max = 10_000) long left,
      @ForAll @IntRange(max = 3) int uses) {
    WorkloadRecord record = record(state, true, 0, NOW + left, left + 1, destroy);
    assertEquals(Due.NOTHING, due(record, NOW - left, uses));
  }

  @Property
  void anUnconfirmedClaimIsNeverDestroyedByTime(
      @ForAll State state, @ForAll boolean destroy, @ForAll @LongRange(max = 2 * NOW) long lease) {
    assertNotEquals(Due.DESTROY, due(record(state, false, lease, 1, 1, destroy), 0, 0));
  }

  @Property
  void whatIsOnItsWayOutIsLeftAlone(@ForAll boolean confirmed, @ForAll boolean destroy) {
    assertEquals(Due.NOTHING, due(record(State.DESTROYING, confirmed, 0, 1, 1, destroy), 0, 0));
  }

  @Test
  void aLongFreezeEndsAndAShortOneOnlyWhenMemoryIsScarce() {
    WorkloadRecord frozen = record(State.FROZEN, true, 0, 0, 0, false);
    assertFalse(Deadlines.hasFrozenLongEnough(NOW, frozen, NOW - 499, 500, false));
    assertTrue(Deadlines.hasFrozenLongEnough(NOW, frozen, NOW - 500, 500, false));
    assertTrue(Deadlines.hasFrozenLongEnough(NOW, frozen, NOW, 500, true));
    WorkloadRecord claim = record(State.FROZEN, false, NOW, 0, 0, false);
    assertFalse(Deadlines.hasFrozenLongEnough(NOW, claim, 0, 500, true));
    WorkloadRecord running = record(State.RUNNING, true, 0, 0, 0, false);
    assertFalse(Deadlines.hasFrozenLongEnough(NOW, running, 0, 500, true));
  }

  @Property
  void aResumeNeverTakesTime(
      @ForAll @LongRange(max = 2 * NOW) long end, @ForAll @LongRange(max = NOW) long lifetime) {
    Terms terms =
        new Terms(
            "h",
            Shape.ofPool(),
            Map.of(),
            List.of(),
            end,
            0,
            false,
            lifetime,
            List.of(),
            Guard.NONE);
    long after = terms.resumedAt(NOW).timeoutAtMs();
    if (end == 0) {
      assertEquals(0, after);
    } else if (end > NOW) {
      assertTrue(after >= end);
    } else {
      assertEquals(lifetime == 0 ? 0 : NOW + lifetime, after);
    }
  }
}
