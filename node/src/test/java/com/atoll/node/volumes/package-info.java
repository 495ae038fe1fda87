/** Tests. */
@NullMarked
package com.atoll.node.volumes;

import org.jspecify.annotations.NullMarked;
