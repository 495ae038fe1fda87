/**
 * Templates of projects: environments, variables, volumes, sandboxes and deployments that are made
 * together, once, however often a template is applied.
 */
@NullMarked
package com.atoll.server.projecttemplates;

import org.jspecify.annotations.NullMarked;
