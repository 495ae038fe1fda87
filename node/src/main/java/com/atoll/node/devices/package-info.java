/** What this machine has besides processors, memory and disk. */
@NullMarked
package com.atoll.node.devices;

import org.jspecify.annotations.NullMarked;
