package com.atoll.server.store;

import com.atoll.platform.Installation;
import java.util.Properties;

/**
 * Where the database is and how to log in: an external one by its URL, or the embedded one over its
 * Unix socket, which knows this server by the user that it runs as.
 */
public record DatabaseAddress(String url, Properties properties) {
  /** The database and the role that owns everything in it. */
  static final String EMBEDDED_NAME = "atoll";

  /** The database of an installation. */
  public static DatabaseAddress of(Installation installation) {
    String external = installation.databaseUrl();
    return external == null
        ? embedded(installation)
        : new DatabaseAddress(external, new Properties());
  }

  private static DatabaseAddress embedded(Installation installation) {
    Properties properties = new Properties();
    properties.setProperty("socketFactory", UnixSocketFactory.class.getName());
    properties.setProperty(
        "socketFactoryArg", installation.run().resolve("pg/.s.PGSQL.5432").toString());
    properties.setProperty("user", EMBEDDED_NAME);
    properties.setProperty("sslmode", "disable");
    properties.setProperty("gssEncMode", "disable");
    return new DatabaseAddress("jdbc:postgresql://localhost/" + EMBEDDED_NAME, properties);
  }
}
