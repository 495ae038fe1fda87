package com.atoll.server.tokens;

import com.atoll.server.http.Doc;
import java.time.Instant;

/** A ticket for an event stream. */
record TicketView(
    @Doc("The ticket; it goes into the query as ticket and works once.") String ticket,
    @Doc("Seconds until it ends.") int expiresIn,
    @Doc("When it ends.") Instant expiresAt) {}
