/** How a call to the node fails: a kind, a code for the caller and a sentence for the tenant. */
@NullMarked
package com.atoll.node.faults;

import org.jspecify.annotations.NullMarked;
