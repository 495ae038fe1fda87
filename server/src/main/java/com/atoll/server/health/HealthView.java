package com.atoll.server.health;

import com.atoll.server.http.Doc;

/** Whether the server lives. */
record HealthView(@Doc("ok or unavailable.") String status) {}
