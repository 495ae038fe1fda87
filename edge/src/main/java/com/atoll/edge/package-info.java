/**
 * The door in: the process that owns the public ports and passes what it reads to where it belongs.
 */
@NullMarked
package com.atoll.edge;

import org.jspecify.annotations.NullMarked;
