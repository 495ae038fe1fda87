/**
 * The wire of E2B in front of the operations and services of this platform, so that its SDKs work
 * unchanged. It translates and decides nothing: see {@code docs/e2b.md}.
 */
@NullMarked
package com.atoll.server.e2b;

import org.jspecify.annotations.NullMarked;
