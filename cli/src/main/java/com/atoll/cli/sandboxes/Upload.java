package com.atoll.cli.sandboxes;

import com.atoll.cli.console.Words;
import com.atoll.cli.http.Api;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Json;
import com.atoll.cli.http.Multipart;
import com.atoll.cli.tar.TarWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Brings files and folders of this machine into a sandbox. */
public final class Upload {
  private static final long SMALL = 512 * 1024;
  private final Api api;
  private final String sandbox;

  /** Into this sandbox. */
  public Upload(Api api, String sandbox) {
    this.api = api;
    this.sandbox = sandbox;
  }

  /** Copies a file or the contents of a folder; answers the number of files. */
  public int copy(Path local, String remote, List<String> exclude) {
    try {
      if (Files.isDirectory(local)) {
        return folder(local, remote, exclude);
      }
      String path = remote.endsWith("/") ? remote + local.toRealPath().getFileName() : remote;
      file(local, path, executable(local) ? "0755" : "0644");
      return 1;
    } catch (IOException unreadable) {
      throw new ApiException(
          "UNREADABLE", "cannot read " + local + ": " + unreadable.getMessage(), null);
    } catch (UncheckedIOException unreadable) {
      throw new ApiException("UNREADABLE", "cannot read: " + unreadable.getMessage(), null);
    }
  }

  private static boolean executable(Path file) throws IOException {
    return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OWNER_EXECUTE);
  }

  private void file(Path local, String path, String mode) throws IOException {
    if (Files.size(local) <= SMALL) {
      ObjectNode body = Json.object();
      body.put("path", path).put("mode", mode);
      body.put("content_base64", Base64.getEncoder().encodeToString(Files.readAllBytes(local)));
      api.postOnce(Sandboxes.path(sandbox, "/fs/write"), body);
      return;
    }
    Multipart form = new Multipart().field("path", path).file("file", local);
    api.upload(Sandboxes.path(sandbox, "/files/upload"), form.contentType(), form.body());
    if (mode.equals("0755")) {
      run("chmod 0755 " + Words.quote(path));
    }
  }

  private int folder(Path local, String remote, List<String> exclude) throws IOException {
    Path archive = Files.createTempFile("atoll-", ".tar.gz");
    String there = "/tmp/.atoll-" + UUID.randomUUID() + ".tar.gz";
    try {
      int files;
      try (TarWriter tar = new TarWriter(new GZIPOutputStream(Files.newOutputStream(archive)))) {
        files = tar.addTree(local, exclude);
      }
      file(archive, there, "0600");
      String target = Words.quote(remote);
      run(
          "mkdir -p %s && tar -xzf %s -C %s --no-same-owner; code=$?; rm -f %s; exit $code"
              .formatted(target, there, target, there));
      return files;
    } finally {
      Files.deleteIfExists(archive);
    }
  }

  private void run(String line) {
    ObjectNode body = Json.object();
    body.put("command", line).put("cwd", "/");
    JsonNode result = Json.unwrap(api.postOnce(Sandboxes.path(sandbox, "/exec"), body));
    if (result.path("exit_code").asInt(1) != 0) {
      throw new ApiException(
          "COPY_FAILED",
          "the sandbox could not take the files: " + Json.text(result, "stderr").strip(),
          "see whether its disk is full: atoll sandbox exec " + sandbox + " df -h /workspace");
    }
  }
}
