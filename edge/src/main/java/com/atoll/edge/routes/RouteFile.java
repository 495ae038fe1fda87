package com.atoll.edge.routes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The last table on disk, replaced as a whole; what a restarted edge serves from at once. */
final class RouteFile {
  private static final Logger log = LoggerFactory.getLogger(RouteFile.class);
  private final Path file;

  RouteFile(Path file) {
    this.file = file;
  }

  void save(long version, Iterable<Route> routes) throws IOException {
    ObjectNode root = RouteJson.JSON.createObjectNode();
    root.put("version", version);
    ArrayNode list = root.putArray("routes");
    routes.forEach(route -> list.add(RouteJson.write(route)));
    Path next = file.resolveSibling(file.getFileName() + ".next");
    Files.createDirectories(file.toAbsolutePath().getParent());
    try (FileChannel channel =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer bytes = ByteBuffer.wrap(RouteJson.JSON.writeValueAsBytes(root));
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
