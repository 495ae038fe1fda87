/** The templates that sandboxes start from, as the node has them. */
@NullMarked
package com.atoll.server.templates;

import org.jspecify.annotations.NullMarked;
