/** Commands on sandboxes. */
@NullMarked
package com.atoll.cli.sandboxes;

import org.jspecify.annotations.NullMarked;
