package com.atoll.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class ShapeTest {
  @Test
  void nothingNamedIsSmall() {
    assertEquals(SandboxSize.SMALL.shape(), Shape.resolve(null, null, null, null));
  }

  @Test
  void aDiskIsAFloor() {
    assertEquals(10_240, Shape.resolve("small", null, null, 100).diskMb());
    assertEquals(50_000, Shape.resolve(null, null, null, 50_000).diskMb());
  }

  @Test
  void anyThreeValuesAreACustomShape() {
    Shape shape = Shape.resolve(null, 3, 1000, 500);
    assertEquals(Optional.empty(), shape.size());
    assertEquals("sandbox/custom-3x1000x500@v1", shape.contractId());
    assertEquals(Optional.of(SandboxSize.XS), Shape.resolve(null, 1, 2048, 10_240).size());
  }

  @Test
  void anAmbiguousPairIsRoundedUp() {
    assertEquals(SandboxSize.MEDIUM.shape(), Shape.resolve(null, 3, 4096, null));
    assertEquals(SandboxSize.LARGE.shape(), Shape.resolve(null, null, 10_000, null));
  }

  @Test
  void contradictionsAndNonsenseAreRefused() {
    assertThrows(AtollException.class, () -> Shape.resolve("small", 4, null, null));
    assertThrows(AtollException.class, () -> Shape.resolve("huge", null, null, null));
    assertThrows(AtollException.class, () -> Shape.resolve(null, 0, 1, 1));
  }
}
