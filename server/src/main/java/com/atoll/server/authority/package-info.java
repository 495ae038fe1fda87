/**
 * What credentials may do beyond role and scope: policies of actions, grants, approvals, receipts.
 */
@NullMarked
package com.atoll.server.authority;

import org.jspecify.annotations.NullMarked;
