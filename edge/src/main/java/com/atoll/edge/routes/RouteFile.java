package com.atoll.edge.routes;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The last table on disk, replaced as a whole; what a restarted edge serves from at once. */
final class RouteFile {
  private static final Logger log = LoggerFactory.getLogger(RouteFile.class);
  private final Path file;

  /** The text of the routes of the last save, by identity: a route never changes. */
  private IdentityHashMap<Route, byte[]> written = new IdentityHashMap<>();

  RouteFile(Path file) {
    this.file = file;
  }

  /** Writes the table; only routes that were not in the last one are turned into text. */
  void save(long version, Iterable<Route> routes) throws IOException {
    IdentityHashMap<Route, byte[]> now = new IdentityHashMap<>();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 16);
    bytes.writeBytes(
        ("{\"version\":" + version + ",\"routes\":[").getBytes(StandardCharsets.UTF_8));
    for (Route route : routes) {
      byte[] known = written.get(route);
      byte[] text =
          known == null ? RouteJson.JSON.writeValueAsBytes(RouteJson.write(route)) : known;
      if (!now.isEmpty()) {
        bytes.write(',');
      }
      bytes.writeBytes(text);
      now.put(route, text);
    }
    bytes.writeBytes("]}".getBytes(StandardCharsets.UTF_8));
    written = now;
    replace(bytes.toByteArray());
  }

  private void replace(byte[] text) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".next");
    Files.createDirectories(file.toAbsolutePath().getParent());
    try (FileChannel channel =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer bytes = ByteBuffer.wrap(text);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(false);
    }
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  List<Route> load() {
    if (!Files.exists(file)) {
      return List.of();
    }
    List<Route> routes = new ArrayList<>();
    try {
      for (JsonNode node : RouteJson.JSON.readTree(Files.readAllBytes(file)).path("routes")) {
        routes.add(RouteJson.read(node));
      }
    } catch (IOException | JacksonException | IllegalArgumentException broken) {
      log.warn("the kept route table cannot be read; waiting for the server's", broken);
    }
    return routes;
  }
}
