@NullMarked
package com.atoll.server.budgets;

import org.jspecify.annotations.NullMarked;
