/** Commands on deployments. */
@NullMarked
package com.atoll.cli.deployments;

import org.jspecify.annotations.NullMarked;
