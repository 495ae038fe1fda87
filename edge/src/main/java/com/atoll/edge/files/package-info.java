/** Static releases, served from their exported folders. */
@NullMarked
package com.atoll.edge.files;

import org.jspecify.annotations.NullMarked;
