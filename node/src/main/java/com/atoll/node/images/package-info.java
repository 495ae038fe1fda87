/** Root file systems that workloads start from, built from Debian packages. */
@NullMarked
package com.atoll.node.images;

import org.jspecify.annotations.NullMarked;
