package com.atoll.server.sandboxes;

/**
 * A service as it is kept beside a snapshot.
 *
 * @param wish what it is, with every default filled in
 * @param wanted whether it should run
 */
public record KeptService(ServiceWish wish, boolean wanted) {}
