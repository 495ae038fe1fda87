/**
 * Log drains: what the sandboxes and deployments of a project's environment write, sent to a server
 * of the customer. Lines are read by a cursor that is kept with what was read, so that a process
 * that ends loses none and repeats only what the receiver had not yet acknowledged.
 */
@NullMarked
package com.atoll.server.drains;

import org.jspecify.annotations.NullMarked;
