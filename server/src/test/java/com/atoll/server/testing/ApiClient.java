package com.atoll.server.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Calls the API as a client with a key would. */
public final class ApiClient {
  private final Path socket;
  private final Map<String, String> headers;

  private ApiClient(Path socket, Map<String, String> headers) {
    this.socket = socket;
    this.headers = headers;
  }

  /** A client without a credential. */
  public static ApiClient at(Path socket) {
    return new ApiClient(socket, Map.of());
  }

  /** The same client with one more header. */
  public ApiClient with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new ApiClient(socket, more);
  }

  /** The same client with this key. */
  public ApiClient as(String key) {
    return with("Authorization", "Bearer " + key);
  }

  /** GET. */
  public Answer get(String path) {
    return call("GET", path, "");
  }

  /** DELETE. */
  public Answer delete(String path) {
    return call("DELETE", path, "");
  }

  /** POST with a JSON body. */
  public Answer post(String path, String json) {
    return call("POST", path, json);
  }

  /** Any method. */
  public Answer call(String method, String path, String body) {
    try (RawConnection connection = open(method, path, body)) {
      return connection.read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends a request and leaves the answer to the caller. */
  public RawConnection open(String method, String path, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    StringBuilder head = new StringBuilder();
    head.append(method)
        .append(" /api/v1")
        .append(path)
        .append(" HTTP/1.1\r\nHost: api.localhost\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    if (bytes.length > 0) {
      head.append("Content-Type: application/json\r\n");
    }
    head.append("Content-Length: ").append(bytes.length).append("\r\n\r\n");
    return new RawConnection(socket).send(head.toString()).send(bytes);
  }
}
