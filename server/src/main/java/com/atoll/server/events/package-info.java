/** The event log as it is read: the feed of this process, the streams of clients. */
@NullMarked
package com.atoll.server.events;

import org.jspecify.annotations.NullMarked;
