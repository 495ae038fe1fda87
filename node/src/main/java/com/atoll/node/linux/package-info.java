/** The kernel's calls that Java has no name for, each behind a small typed method. */
@NullMarked
package com.atoll.node.linux;

import org.jspecify.annotations.NullMarked;
