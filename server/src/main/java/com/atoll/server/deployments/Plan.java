package com.atoll.server.deployments;

import org.jspecify.annotations.Nullable;

/**
 * What a version will be.
 *
 * @param folder absolute path of the directory that becomes the release
 * @param entrypoint first page of static files
 * @param command shell line of a process, run in the folder
 * @param healthPath asked by GET; null when a connection is enough
 */
record Plan(
    Kind kind,
    String folder,
    @Nullable String entrypoint,
    @Nullable String command,
    @Nullable Integer port,
    @Nullable String healthPath) {

  static Plan files(String folder, String entrypoint) {
    return new Plan(Kind.STATIC, folder, entrypoint, null, null, null);
  }

  static Plan process(String folder, String command, int port, @Nullable String healthPath) {
    return new Plan(Kind.DYNAMIC, folder, null, command, port, healthPath);
  }
}
