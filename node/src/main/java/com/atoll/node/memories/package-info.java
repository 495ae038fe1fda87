/** Processes of machines on disk, from which machines go on. */
@NullMarked
package com.atoll.node.memories;

import org.jspecify.annotations.NullMarked;
