package com.atoll.server.snapshots;

import com.atoll.server.http.Doc;
import com.atoll.server.identity.Ownership;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Body of an import. */
record ImportSnapshot(
    @Doc(
            value = "A ticket for an archived snapshot, of this or of another installation.",
            max = ArchiveTickets.LONGEST)
        String ticket,
    @Doc("What it is for.") @Nullable String comment,
    @Doc("Whether it never expires and is never pushed out by newer ones.") @Nullable Boolean keep,
    @Doc("Seconds after its last use when it is deleted.") @Nullable Integer retentionSeconds,
    @Doc("Seconds after its import when it is deleted.") @Nullable Integer expirationSeconds,
    @JsonUnwrapped Ownership ownership) {

  Wish wish() {
    return Wish.of(
        new TakeSnapshot(comment, null, keep, retentionSeconds, expirationSeconds, null, null),
        Map.of());
  }
}
