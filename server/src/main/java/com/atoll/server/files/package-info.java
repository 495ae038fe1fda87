/** The files of sandboxes. */
@NullMarked
package com.atoll.server.files;

import org.jspecify.annotations.NullMarked;
