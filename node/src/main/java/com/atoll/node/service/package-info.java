/** The gRPC face of the node: validation, mapping, statuses. No rules of its own. */
@NullMarked
package com.atoll.node.service;

import org.jspecify.annotations.NullMarked;
