/** Commands on API keys. */
@NullMarked
package com.atoll.cli.keys;

import org.jspecify.annotations.NullMarked;
