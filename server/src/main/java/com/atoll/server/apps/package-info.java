/** The app in a sandbox: installs and starts it, and shows what it has made. */
@NullMarked
package com.atoll.server.apps;

import org.jspecify.annotations.NullMarked;
