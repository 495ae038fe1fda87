package com.atoll.server.postgres;

/** How the embedded PostgreSQL is set up: durable, small, reachable over its Unix socket only. */
final class ClusterSettings {
  static final String SETTINGS =
      """
      # Written anew by every start: changes here are lost.
      listen_addresses = ''
      unix_socket_permissions = 0770
      max_connections = 60
      shared_buffers = 64MB
      work_mem = 4MB
      fsync = on
      synchronous_commit = on
      full_page_writes = on
      max_wal_size = 512MB
      min_wal_size = 80MB
      huge_pages = off
      jit = off
      timezone = 'UTC'
      log_timezone = 'UTC'
      logging_collector = off
      log_line_prefix = '%m [%p] '
      log_min_messages = warning
      """;

  private ClusterSettings() {}
}
