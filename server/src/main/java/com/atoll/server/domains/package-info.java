/** Domains of organizations' own for previews: whose they are, as their DNS says. */
@NullMarked
package com.atoll.server.domains;

import org.jspecify.annotations.NullMarked;
