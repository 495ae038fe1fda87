package com.atoll.server.sandboxes;

import java.util.List;

/**
 * What a sandbox may reach from its first moment, besides what holds for it anyway. Another
 * operation of this server says so beside a body; clients do not.
 *
 * @param closed whether nothing may be reached but what is allowed
 * @param allowed names, addresses and ranges that may be reached in any case
 * @param denied those that may not, unless they are allowed
 */
public record NetworkWish(boolean closed, List<String> allowed, List<String> denied) {}
