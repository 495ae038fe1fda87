/** What happens inside sandboxes, told while somebody listens; nothing of it is kept. */
@NullMarked
package com.atoll.server.live;

import org.jspecify.annotations.NullMarked;
