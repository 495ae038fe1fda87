package com.atoll.server.webhooks;

import com.atoll.server.http.Doc;

/** A delivery that was queued. */
record Accepted(@Doc("Id of the delivery.") String id, @Doc("pending.") String state) {}
