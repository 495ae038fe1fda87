/**
 * One Linux machine: what runs on it and what it keeps. Knows nothing of tenants or HTTP routes.
 */
@NullMarked
package com.atoll.node;

import org.jspecify.annotations.NullMarked;
