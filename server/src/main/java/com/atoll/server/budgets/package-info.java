/** What may be spent and had: budgets, quotas, and the gate that new work passes. */
@NullMarked
package com.atoll.server.budgets;

import org.jspecify.annotations.NullMarked;
