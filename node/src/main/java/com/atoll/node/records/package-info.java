/** Small durable facts: one JSON file each, written whole or not at all. */
@NullMarked
package com.atoll.node.records;

import org.jspecify.annotations.NullMarked;
