package com.atoll.server.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import org.junit.jupiter.api.Test;

final class RangeTest {
  @Test
  void oneRangeOfBytesIsAnswered() {
    assertEquals(new Range(0, 5, true), Range.of("bytes=0-4", 10));
    assertEquals(new Range(4, 6, true), Range.of("bytes=4-", 10));
    assertEquals(new Range(7, 3, true), Range.of("bytes=-3", 10));
    assertEquals(new Range(0, 10, true), Range.of("bytes=-30", 10));
    assertEquals(new Range(9, 1, true), Range.of("bytes=9-99", 10));
    assertEquals("bytes 4-9/10", new Range(4, 6, true).contentRange(10));
  }

  @Test
  void anythingElseMeansTheWholeFile() {
    Range whole = new Range(0, 10, false);
    assertEquals(whole, Range.of(null, 10));
    assertEquals(whole, Range.of("bytes=0-1,3-4", 10));
    assertEquals(whole, Range.of("bytes=-", 10));
    assertEquals(whole, Range.of("lines=1-2", 10));
    assertEquals(whole, Range.of("bytes=5-2", 10));
  }

  @Test
  void aRangeBehindTheEndIsRefused() {
    assertThrows(AtollException.class, () -> Range.of("bytes=10-", 10));
    assertThrows(AtollException.class, () -> Range.of("bytes=0-", 0));
    assertThrows(AtollException.class, () -> Range.of("bytes=-0", 10));
  }
}
