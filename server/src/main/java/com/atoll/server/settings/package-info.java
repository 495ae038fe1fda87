/** Settings and branding of an organization, and its own domain for previews. */
@NullMarked
package com.atoll.server.settings;

import org.jspecify.annotations.NullMarked;
