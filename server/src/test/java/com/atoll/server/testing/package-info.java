/** What the tests of the server share: a real PostgreSQL, a running platform, a client. */
@NullMarked
package com.atoll.server.testing;

import org.jspecify.annotations.NullMarked;
