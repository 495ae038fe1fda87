package com.atoll.server.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.AtollException;
import com.atoll.model.OrganizationId;
import java.time.OffsetDateTime;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressRangeTest {
  @ParameterizedTest
  @CsvSource({
    "10.1.2.3, 10.1.2.3/32",
    "10.1.2.3/8, 10.0.0.0/8",
    "0.0.0.0/0, 0.0.0.0/0",
    "255.255.255.255/31, 255.255.255.254/31",
  })
  void rangesAreKeptAsTheirFirstAddress(String asked, String kept) {
    assertTrue(AddressRange.isMeant(asked));
    assertEquals(kept, AddressRange.of("host", asked).text());
    assertEquals(kept, Checks.destination(asked));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.2.3",
        "1.2.3.4/33",
        "256.1.1.1",
        "01.2.3.4",
        "1.2.3.4/",
        "::1",
        "127.1",
        "fe80::/10"
      })
  void whatIsNeitherHostNorRangeIsRefused(String text) {
    assertTrue(AddressRange.isMeant(text));
    assertThrows(AtollException.class, () -> Checks.destination(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://api.example.net/x",
        "api.example.net:8443",
        "api.example.net/x",
        "10.1.2.3:80",
        "a/8",
        "café.example:8443"
      })
  void whatHasMoreThanAHostIsToldSo(String text) {
    assertFalse(AddressRange.isMeant(text));
    AtollException refused = assertThrows(AtollException.class, () -> Checks.destination(text));
    String told = String.valueOf(refused.errors());
    assertTrue(told.contains("without scheme, port and path"), told);
  }

  @Test
  void namesAreNames() {
    assertFalse(AddressRange.isMeant("example.com"));
    assertEquals("1.example.com", Checks.destination("1.Example.com"));
  }

  @Test
  void theFirstRuleThatHoldsAnAddressDecides() {
    List<Rule> rules =
        Stream.of("-10.1.0.0/16", "+10.0.0.0/8", "+host", "-10.2.0.0/16", "+11.0.0.0/8")
            .map(AddressRangeTest::rule)
            .toList();
    assertEquals(
        List.of("10.0.0.0-10.0.255.255", "10.2.0.0-11.255.255.255"),
        AddressRange.intervals(rules, true));
    assertEquals(List.of("10.1.0.0-10.1.255.255"), AddressRange.intervals(rules, false));
  }

  @Test
  void whatComesAfterARuleForEverythingIsNotAsked() {
    List<Rule> rules =
        Stream.of("+1.1.1.1/32", "-*", "+2.2.2.2/32").map(AddressRangeTest::rule).toList();
    assertEquals(List.of("1.1.1.1"), AddressRange.intervals(rules, true));
    List<Rule> all = List.of(rule("-0.0.0.0/0"));
    assertEquals(List.of("0.0.0.0-255.255.255.255"), AddressRange.intervals(all, false));
  }

  /** Slowly, of a small part of all addresses. */
  @Property(tries = 500)
  void everyAddressIsInAnIntervalExactlyWhenTheFirstRuleThatHoldsItSaysSo(
      @ForAll @Size(max = 12) List<@IntRange(max = 2_047) Integer> numbers) {
    List<Rule> rules =
        numbers.stream()
            .map(n -> {
              String asked = "10.0.0." + (n >> 4 << 1) + "/" + (24 + (n >> 1 & 7));
              return rule(((n & 1) == 0 ? "+" : "-") + AddressRange.of("host", asked).text());
            })
            .toList();
    for (boolean allowed : List.of(true, false)) {
      BitSet told = new BitSet();
      List<String> intervals = AddressRange.intervals(rules, allowed);
      int before = -2;
      for (String interval : intervals) {
        String[] ends = interval.split("-", 2);
        int first = last(ends[0]);
        assertTrue(first > before + 1, "they do not meet");
        before = last(ends[ends.length - 1]);
        told.set(first, before + 1);
      }
      for (int address = 0; address < 256; address++) {
        long at = (10L << 24) + address;
        boolean wanted =
            rules.stream()
                .filter(rule -> {
                  AddressRange range = AddressRange.of("host", rule.host());
                  return range.first() <= at && at <= range.last();
                })
                .findFirst()
                .filter(rule -> rule.allow() == allowed)
                .isPresent();
        assertEquals(wanted, told.get(address));
      }
      assertTrue(intervals.size() <= rules.size());
    }
  }

  private static int last(String address) {
    return Integer.parseInt(address.substring(address.lastIndexOf('.') + 1));
  }

  private static Rule rule(String text) {
    return new Rule(
        "egr_" + text,
        new OrganizationId("org_1"),
        null,
        Bound.ORGANIZATION,
        text.startsWith("+"),
        text.substring(1),
        List.of(),
        null,
        null,
        null,
        OffsetDateTime.MIN,
        List.of(),
        null);
  }
}
