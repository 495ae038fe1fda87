package com.atoll.server.docs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * An error that is no operation's: previews, sites and the proxy of calls out answer with it.
 *
 * @param code as it travels
 * @param status of the answer
 * @param message for people
 * @param cause why this happens
 * @param fix what to do about it
 */
record GatewayError(String code, int status, String message, String cause, String fix) {
  private static final String LIST = "/docs/gateway-errors.tsv";
  private static final int COLUMNS = 5;
  private static final List<GatewayError> ALL = read();

  /** All of them, by code. */
  static List<GatewayError> all() {
    return ALL;
  }

  private static List<GatewayError> read() {
    try (InputStream in = Objects.requireNonNull(GatewayError.class.getResourceAsStream(LIST))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> of(line.split("\t", COLUMNS)))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static GatewayError of(String[] row) {
    return new GatewayError(row[0], Integer.parseInt(row[1]), row[2], row[3], row[4]);
  }
}
