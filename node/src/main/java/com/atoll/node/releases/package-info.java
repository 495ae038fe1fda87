/** Immutable releases: freezing a directory of a workload and exporting it as static files. */
@NullMarked
package com.atoll.node.releases;

import org.jspecify.annotations.NullMarked;
