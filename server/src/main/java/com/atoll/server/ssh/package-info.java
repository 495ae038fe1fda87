/**
 * SSH into sandboxes: an authority per organization, a host key per sandbox, and the way for the
 * bytes. The server is the agent inside; what it may accept it is told with each connection.
 */
@NullMarked
package com.atoll.server.ssh;

import org.jspecify.annotations.NullMarked;
