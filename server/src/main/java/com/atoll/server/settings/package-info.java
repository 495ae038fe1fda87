/** Settings and branding of an organization, spending caps of its members. */
@NullMarked
package com.atoll.server.settings;

import org.jspecify.annotations.NullMarked;
