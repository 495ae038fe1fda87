package com.atoll.server.sandboxes;

import org.jspecify.annotations.Nullable;

/**
 * What another operation of this server says beside the body of a create or fork; clients do not.
 *
 * @param network what the sandbox may reach from its first moment; null for what holds anyway
 * @param timeoutSec its lifetime where the body names none, as far as policies allow; 0 for none
 * @param idleTimeoutSec the same of how long it may be idle
 * @param asTemplate whether the caller named a template, for which something else stands in
 */
public record CreateWish(
    @Nullable NetworkWish network, int timeoutSec, int idleTimeoutSec, boolean asTemplate) {

  /** The same, of something that stands in for a template. */
  public CreateWish inPlaceOfTemplate() {
    return new CreateWish(network, timeoutSec, idleTimeoutSec, true);
  }
}
