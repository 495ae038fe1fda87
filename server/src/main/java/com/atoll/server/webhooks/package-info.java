/**
 * Webhooks: events of the log, turned into deliveries that outlive any process, and sent with care
 * for whom they reach.
 */
@NullMarked
package com.atoll.server.webhooks;

import org.jspecify.annotations.NullMarked;
