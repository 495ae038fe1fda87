package com.atoll.server.sandboxes;

/**
 * What another operation of this server says beside the body of a resume, an extension or a change;
 * clients do not.
 *
 * @param timeoutSec seconds of lifetime where the body names none, as far as policies allow
 */
public record LifeWish(int timeoutSec) {}
