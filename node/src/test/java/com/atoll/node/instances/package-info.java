/** Tests. */
@NullMarked
package com.atoll.node.instances;

import org.jspecify.annotations.NullMarked;
