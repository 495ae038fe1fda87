package com.atoll.server.keys;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.Map;

/** Something that happened to a key. */
record KeyEventView(
    @Doc("What happened.") String type,
    @Doc("Id of the key.") String keyId,
    @Doc("Version of the key after it.") long version,
    @Doc("When.") Instant at,
    @Doc("What else is known.") Map<String, Object> data) {}
