/** Volumes. */
@NullMarked
package com.atoll.cli.volumes;

import org.jspecify.annotations.NullMarked;
