/** Templates and their builds. */
@NullMarked
package com.atoll.cli.templates;

import org.jspecify.annotations.NullMarked;
