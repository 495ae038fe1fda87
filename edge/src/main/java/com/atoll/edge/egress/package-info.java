/**
 * The door out: what guarded sandboxes call on ports 80 and 443, decided by name. Nothing here
 * trusts the address that a sandbox chose, and nothing needs a privilege.
 */
@NullMarked
package com.atoll.edge.egress;

import org.jspecify.annotations.NullMarked;
