package com.atoll.node.workloads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.atoll.node.workloads.Place.Lent;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What processes have of secrets. */
final class PlaceTest {
  private static final Map<String, String> WITH = Map.of("PLAIN", "1", "TOKEN", "secret");
  private static final Map<String, String> WITHOUT = Map.of("PLAIN", "1");

  private static Place having(@Nullable Lent lent) {
    return new Place("m", 1, "10.0.0.1", 2, 1, Boot.WARM, 0).with(lent);
  }

  private static @Nullable Set<String> names(Place place) {
    Lent lent = place.lent();
    return lent == null ? null : lent.names();
  }

  @Test
  void aVariableOfASecretIsOneUntilItIsTakenOrSetAnew() {
    assertNull(names(having(null).lending(Set.of(), WITHOUT, WITH)));
    Place lent = having(null).lending(Set.of("TOKEN"), WITHOUT, WITH);
    assertEquals(Set.of("TOKEN"), names(lent));
    assertEquals(Set.of("TOKEN"), names(lent.lending(Set.of(), WITH, WITH)));
    assertEquals(Set.of(), names(lent.lending(Set.of(), WITH, WITHOUT)));
    Map<String, String> own = Map.of("TOKEN", "own");
    assertEquals(Set.of(), names(lent.lending(Set.of(), WITH, own)));
  }

  @Test
  void oneThatCouldNotBeSetIsForgottenAtTheNextChange() {
    Place failed = having(new Lent(Set.of("TOKEN")));
    assertEquals(Set.of(), names(failed.lending(Set.of(), WITHOUT, WITHOUT)));
  }

  @Test
  void processesThatBeginAnewHaveTheVariablesOfTheirWorkloadAlone() {
    Lent lent = new Lent(Set.of("TOKEN"));
    assertEquals(lent, Lent.ofStart(lent, WITH));
    assertNull(Lent.ofStart(lent, WITHOUT));
    assertNull(Lent.ofStart(new Lent(Set.of()), WITH));
    assertNull(Lent.ofStart(null, WITH));
  }
}
