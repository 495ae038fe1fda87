/** Budgets of requests, shared by all API processes through PostgreSQL. */
@NullMarked
package com.atoll.server.limits;

import org.jspecify.annotations.NullMarked;
