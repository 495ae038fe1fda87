/** One container of one tree: its OCI bundle, start, adoption and end. */
@NullMarked
package com.atoll.node.runtime;

import org.jspecify.annotations.NullMarked;
