/**
 * Notifications, alerts, activity and operations: views of the event log, with marks of who has
 * read or resolved what.
 */
@NullMarked
package com.atoll.server.activity;

import org.jspecify.annotations.NullMarked;
