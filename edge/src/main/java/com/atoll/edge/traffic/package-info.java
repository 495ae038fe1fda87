/** Who is served how much: bytes for bills, requests and durations for those who look. */
@NullMarked
package com.atoll.edge.traffic;

import org.jspecify.annotations.NullMarked;
