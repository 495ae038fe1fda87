package com.atoll.server.snapshots;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** A ticket opens where its archive key is known, until it expires, and nowhere else. */
final class ArchiveTicketsTest {
  private static final OrganizationId ORG = new OrganizationId("org_a");
  private static final Instant NOON = Instant.parse("2026-11-27T12:00:00Z");
  private static final ArchiveRoot ROOT = root(1);

  private static ArchiveRoot root(int first) {
    byte[] key = new byte[32];
    key[0] = (byte) first;
    return new ArchiveRoot(() -> key.clone());
  }

  private static ArchiveTickets.Opened open(String ticket, ArchiveRoot known, Instant now) {
    Function<String, Optional<ArchiveRoot>> roots =
        folder -> folder.equals(known.folder()) ? Optional.of(known) : Optional.empty();
    return ArchiveTickets.open(roots, ticket, now);
  }

  @Test
  void itSaysToTheKeyAloneWhatItIsFor() {
    String ticket = ArchiveTickets.issue(ROOT, ORG, "snap_1", NOON.plusSeconds(60));
    ArchiveTickets.Opened opened = open(ticket, ROOT, NOON);
    assertEquals(ORG, opened.org());
    assertEquals("snap_1", opened.snapshotId());
    assertFalse(ticket.contains("snap") || ticket.contains("org_a"));
    assertNotEquals(ticket, ArchiveTickets.issue(ROOT, ORG, "snap_1", NOON.plusSeconds(60)));
  }

  @Test
  void whatIsForgedExpiredOrOfAnUnknownInstallationIsRefused() {
    String ticket = ArchiveTickets.issue(ROOT, ORG, "snap_1", NOON.plusSeconds(60));
    assertThrows(AtollException.class, () -> open(ticket, ROOT, NOON.plusSeconds(61)));
    AtollException unknown = assertThrows(AtollException.class, () -> open(ticket, root(2), NOON));
    assertEquals(ErrorCode.ARCHIVE_NOT_TRUSTED, unknown.code());
    String renamed = "att1." + root(2).folder() + ticket.substring(21);
    assertThrows(AtollException.class, () -> open(renamed, root(2), NOON));
    for (int i = 22; i < ticket.length(); i++) {
      char other = ticket.charAt(i) == 'A' ? 'B' : 'A';
      String forged = ticket.substring(0, i) + other + ticket.substring(i + 1);
      // The last character may carry bits that say nothing.
      if (i < ticket.length() - 1) {
        assertThrows(AtollException.class, () -> open(forged, ROOT, NOON));
      }
    }
  }
}
