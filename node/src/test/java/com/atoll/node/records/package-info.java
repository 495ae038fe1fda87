/** Tests. */
@NullMarked
package com.atoll.node.records;

import org.jspecify.annotations.NullMarked;
