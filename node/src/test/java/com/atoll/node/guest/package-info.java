/** Tests of the guest client against the real agent. */
@NullMarked
package com.atoll.node.guest;

import org.jspecify.annotations.NullMarked;
