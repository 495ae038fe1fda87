/**
 * The conventions of the wire, once for all operations: the registry of declarations, routes,
 * envelopes, errors, idempotency, limits, paging, event streams.
 */
@NullMarked
package com.atoll.server.http;

import org.jspecify.annotations.NullMarked;
