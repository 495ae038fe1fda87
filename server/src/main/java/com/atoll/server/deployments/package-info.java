/** Deployments: publishing from sandboxes, versions, instances, domains and their routes. */
@NullMarked
package com.atoll.server.deployments;

import org.jspecify.annotations.NullMarked;
