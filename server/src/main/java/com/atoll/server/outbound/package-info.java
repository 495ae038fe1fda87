/**
 * Requests to servers of others: what a customer names is looked up once, its addresses are judged,
 * and the judged address is dialed.
 */
@NullMarked
package com.atoll.server.outbound;

import org.jspecify.annotations.NullMarked;
