package com.atoll.node.builds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.atoll.node.builds.BuildRecord.Order;
import com.atoll.node.images.Recipe;
import com.atoll.node.workloads.Shape;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the image of a build is known by. */
class BuildsTest {
  private static BuildRecord build(String scope, String id, long nowMs) {
    Recipe recipe =
        new Recipe("base", List.of(), List.of(), Map.of(), "/workspace", "root", "", "", 0);
    Shape shape = new Shape(1_000, 512, 1_024, Shape.DEFAULT_PIDS);
    return BuildRecord.of(id, new Order(scope, recipe, shape), nowMs);
  }

  @Test
  void noOtherBuildHasTheSameImageAlsoWhenItsIdWasThereBefore() {
    String first = Builds.digestOf(build("one", "id", 1));
    assertNotEquals(first, Builds.digestOf(build("two", "id", 1)));
    assertNotEquals(first, Builds.digestOf(build("one", "id", 2)));
    assertNotEquals(first, Builds.digestOf(build("one", "other", 1)));
  }

  @Test
  void aBuildThatIsTakenUpAgainHasTheSameImage() {
    BuildRecord queued = build("one", "id", 1);
    assertEquals(Builds.digestOf(queued), Builds.digestOf(queued.at(Stage.BUILDING, 2)));
  }

  @Test
  void theImageOfAnUnfinishedBuildIsInUse() {
    BuildRecord cut = build("one", "id", 1).at(Stage.SNAPSHOTTING, 2);
    BuildRecord over = build("one", "other", 1).failed(Stage.FAILED, "CODE", "why", 2);
    assertEquals(Set.of(Builds.digestOf(cut)), Builds.ofUnfinished(List.of(cut, over)));
  }
}
