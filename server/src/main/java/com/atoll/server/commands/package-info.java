/** Commands, processes and terminals inside sandboxes. */
@NullMarked
package com.atoll.server.commands;

import org.jspecify.annotations.NullMarked;
