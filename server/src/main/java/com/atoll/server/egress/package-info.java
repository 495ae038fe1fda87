/** Egress: who may call what on the internet, what was called, and secrets for those calls. */
@NullMarked
package com.atoll.server.egress;

import org.jspecify.annotations.NullMarked;
