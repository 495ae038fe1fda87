package com.atoll.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class IdsTest {
  @Property
  void whatIsEncodedIsDecoded(@ForAll long high, @ForAll long low) {
    assertArrayEquals(new long[] {high, low}, Ids.decode(Ids.encode(high, low)));
  }

  @Property
  void encodedNumbersSortAsTheNumbersDo(@ForAll long one, @ForAll long other) {
    assertEquals(
        Integer.signum(Long.compareUnsigned(one, other)),
        Integer.signum(Ids.encode(one, 0).compareTo(Ids.encode(other, 0))));
  }

  @Test
  void idsSortByWhenTheyWereMade() {
    List<String> made = Stream.generate(() -> Ids.next("sbx")).limit(10_000).toList();
    assertEquals(made.stream().sorted().distinct().toList(), made);
  }

  @Test
  void idsAreRecognizedByTheirPrefix() {
    assertTrue(Ids.is("sbx", SandboxId.next().value()));
    assertTrue(!Ids.is("dep", SandboxId.next().value()));
  }

  @Test
  void whatCannotBeAReferenceIsRefused() {
    for (String bad : new String[] {"", "..", "a/b", "a b", "x".repeat(129), "-x", "ä"}) {
      AtollException e = assertThrows(AtollException.class, () -> Ids.reference(bad));
      assertEquals(ErrorCode.INVALID_ID, e.code());
    }
    assertEquals("brave-otter-k3j2", Ids.reference("brave-otter-k3j2"));
  }
}
