/** Images of OCI registries: the part of the distribution API that a pull needs. */
@NullMarked
package com.atoll.node.registries;

import org.jspecify.annotations.NullMarked;
