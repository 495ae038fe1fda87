package com.atoll.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Debian's docker-registry on the loopback, and what pushes to it. */
final class TestRegistry implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpClient http = HttpClient.newHttpClient();
  private final String address;
  private final Path folder;
  private final Process process;

  TestRegistry(String address, Path folder) throws IOException {
    this.address = address;
    this.folder = folder;
    Path settings = folder.resolve("registry.yml");
    Files.writeString(
        settings,
        """
        version: 0.1
        log: {level: error}
        storage: {filesystem: {rootdirectory: %s}}
        http: {addr: %s}
        """
            .formatted(folder.resolve("registry"), address));
    process =
        new ProcessBuilder("docker-registry", "serve", settings.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("registry.log").toFile())
            .start();
    NodeUnderTest.await("the registry answers", this::answers);
  }

  private boolean answers() {
    int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
    try (Socket socket = new Socket(java.net.InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  /** Where a blob lies on disk, to spoil it. */
  Path blob(String digest) {
    String hex = digest.substring(7);
    return folder.resolve(
        "registry/docker/registry/v2/blobs/sha256/" + hex.substring(0, 2) + "/" + hex + "/data");
  }

  /** Pushes an image of these layers, the lowest first; the answer is the digests of the layers. */
  List<String> push(String name, String tag, List<byte[]> layers, Map<String, Object> settings) {
    List<String> digests = layers.stream().map(layer -> push(name, layer)).toList();
    byte[] config = JSON.writeValueAsBytes(Map.of("os", "linux", "config", settings));
    List<Map<String, Object>> described = new java.util.ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      described.add(describe("image.layer.v1.tar+gzip", digests.get(i), layers.get(i).length));
    }
    Map<String, Object> manifest =
        Map.of(
            "schemaVersion",
            2,
            "mediaType",
            "application/vnd.oci.image.manifest.v1+json",
            "config",
            describe("image.config.v1+json", push(name, config), config.length),
            "layers",
            described);
    HttpRequest.Builder put =
        HttpRequest.newBuilder(
                URI.create("http://" + address + "/v2/" + name + "/manifests/" + tag))
            .header("Content-Type", "application/vnd.oci.image.manifest.v1+json")
            .PUT(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(manifest)));
    assertEquals(201, send(put).statusCode());
    return digests;
  }

  private static Map<String, Object> describe(String kind, String digest, int size) {
    return Map.of("mediaType", "application/vnd.oci." + kind, "digest", digest, "size", size);
  }

  private String push(String name, byte[] bytes) {
    String digest = digest(bytes);
    BodyPublisher nothing = BodyPublishers.noBody();
    HttpResponse<String> begun =
        send(
            HttpRequest.newBuilder(
                    URI.create("http://" + address + "/v2/" + name + "/blobs/uploads/"))
                .POST(nothing));
    String at = begun.headers().firstValue("Location").orElseThrow();
    HttpResponse<String> ended =
        send(
            HttpRequest.newBuilder(
                    URI.create(at + (at.contains("?") ? "&" : "?") + "digest=" + digest))
                .header("Content-Type", "application/octet-stream")
                .PUT(BodyPublishers.ofByteArray(bytes)));
    assertEquals(201, ended.statusCode(), ended::body);
    return digest;
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  static String digest(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
    http.close();
  }
}
