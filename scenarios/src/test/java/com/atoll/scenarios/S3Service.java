package com.atoll.scenarios;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** A SeaweedFS on loopback that answers as S3, with one bucket and one key. */
final class S3Service implements AutoCloseable {
  private static final String KEY = "atolltest";
  private static final String SECRET = "a-secret-of-the-test";

  private final Process process;
  private final Path folder;
  private final String endpoint;

  private S3Service(Process process, Path folder, String endpoint) {
    this.process = process;
    this.folder = folder;
    this.endpoint = endpoint;
  }

  /** Whether the run was given the program. */
  static boolean isThere() {
    String program = System.getenv("ATOLL_TEST_S3");
    return program != null && Files.isExecutable(Path.of(program));
  }

  static S3Service start(String bucket) throws IOException {
    Path folder = Files.createTempDirectory("atoll-s3");
    Path config =
        Files.writeString(
            folder.resolve("s3.json"),
            """
            {"identities": [{"name": "test", "credentials": [{"accessKey": "%s", "secretKey": "%s"}],
              "actions": ["Admin", "Read", "Write", "List"]}]}
            """
                .formatted(KEY, SECRET));
    List<Integer> ports = List.of(port(), port(), port(), port());
    ProcessBuilder builder =
        new ProcessBuilder(
            System.getenv("ATOLL_TEST_S3"),
            "server",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            "-dir=" + Files.createDirectory(folder.resolve("data")),
            "-master.port=" + ports.get(0),
            "-volume.port=" + ports.get(1),
            "-volume.max=20",
            "-master.volumeSizeLimitMB=1024",
            "-filer",
            "-filer.port=" + ports.get(2),
            "-s3",
            "-s3.port=" + ports.get(3),
            "-s3.config=" + config);
    builder.redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile());
    Process process = builder.start();
    S3Service service = new S3Service(process, folder, "http://127.0.0.1:" + ports.get(3));
    try {
      Given.eventually(60, "the S3 service answers", service::answers, service::log);
      service.makeBucket(bucket, ports.get(2));
      return service;
    } catch (RuntimeException | Error failed) {
      service.close();
      throw failed;
    }
  }

  /** Its gRPC ports are these and 10,000. */
  private static int port() throws IOException {
    for (int attempt = 0; attempt < 100; attempt++) {
      try (ServerSocket one = new ServerSocket(0)) {
        int port = one.getLocalPort() % 20_000 + 20_000;
        try (ServerSocket self = new ServerSocket(port);
            ServerSocket grpc = new ServerSocket(port + 10_000)) {
          return grpc.getLocalPort() - self.getLocalPort() == 10_000 ? port : 0;
        } catch (IOException taken) {
          // Another one.
        }
      }
    }
    throw new IOException("no free ports");
  }

  private boolean answers() {
    return status("GET", endpoint + "/status") > 0;
  }

  private void makeBucket(String name, int filer) {
    String folderUrl = "http://127.0.0.1:" + filer + "/buckets/" + name + "/";
    Given.eventually(60, "a bucket is made", () -> status("POST", folderUrl) / 100 == 2, this::log);
  }

  private static int status(String method, String url) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create(url))
                  .method(method, HttpRequest.BodyPublishers.noBody())
                  .build(),
              BodyHandlers.discarding())
          .statusCode();
    } catch (IOException notYet) {
      return -1;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopped);
    }
  }

  private String log() {
    try {
      String all = Files.readString(folder.resolve("log"));
      return all.substring(Math.max(0, all.length() - 2000));
    } catch (IOException none) {
      return none.toString();
    }
  }

  /** Tells an installation with this home how it is reached. */
  void settingsIn(Path home) throws IOException {
    Path file =
        Files.writeString(
            home.resolve("snapshot-archive.json"),
            """
            {"endpoint": "%s", "access_key_id": "%s", "secret_access_key": "%s"}
            """
                .formatted(endpoint, KEY, SECRET));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  void stop() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly().onExit().join();
    try (var all = Files.walk(folder)) {
      for (Path each : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }
}
