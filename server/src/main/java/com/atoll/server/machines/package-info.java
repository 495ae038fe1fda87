/**
 * The one way from the control plane to a machine: calls over gRPC, bulk bytes over raw streams.
 */
@NullMarked
package com.atoll.server.machines;

import org.jspecify.annotations.NullMarked;
