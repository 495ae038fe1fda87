/**
 * The vocabulary: typed ids, states and their transitions, units, error codes. No I/O, no
 * framework.
 */
@NullMarked
package com.atoll.model;

import org.jspecify.annotations.NullMarked;
