package com.atoll.server.health;

import com.atoll.server.http.Doc;
import java.util.List;

/** Where a test may end the processes. */
record CrashPointsView(@Doc("Names of the points.") List<String> data) {}
