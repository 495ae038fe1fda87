/** What gateways served: bytes as use, requests and durations of deployments for who looks. */
@NullMarked
package com.atoll.server.traffic;

import org.jspecify.annotations.NullMarked;
