package com.atoll.cli.sandboxes;

import com.atoll.cli.console.Words;
import com.atoll.cli.http.Api;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Json;
import com.atoll.cli.http.Multipart;
import com.atoll.cli.tar.Permissions;
import com.atoll.cli.tar.TarWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Brings files and folders of this machine into a sandbox. */
public final class Upload {
  private static final long SMALL = 512 * 1024;
  private static final int NOT_FOUND = 404;
  private final Api api;
  private final String sandbox;

  /** Into this sandbox. */
  public Upload(Api api, String sandbox) {
    this.api = api;
    this.sandbox = sandbox;
  }

  /**
   * What there is to say of a copy.
   *
   * @param skipped what was left out, as it is neither a file nor a folder nor a link
   * @param changed what became longer or shorter while it was read
   */
  public record Copied(List<String> skipped, List<String> changed) {}

  /** Copies a file or the contents of a folder. */
  public Copied copy(Path local, String remote, List<String> exclude) {
    try {
      if (Files.isDirectory(local)) {
        return folder(local, remote, exclude);
      }
      if (!Files.isRegularFile(local)) {
        return new Copied(List.of(local.toString()), List.of());
      }
      file(local, target(local, remote), Permissions.of(local.toRealPath()));
      return new Copied(List.of(), List.of());
    } catch (IOException unreadable) {
      throw new ApiException(
          "UNREADABLE", "cannot read " + local + ": " + unreadable.getMessage(), null);
    } catch (UncheckedIOException unreadable) {
      throw new ApiException("UNREADABLE", "cannot read: " + unreadable.getMessage(), null);
    }
  }

  /** A folder takes the file under its own name. */
  private String target(Path local, String remote) throws IOException {
    if (remote.endsWith("/")) {
      return remote + local.toRealPath().getFileName();
    }
    return isFolder(remote) ? remote + "/" + local.toRealPath().getFileName() : remote;
  }

  private boolean isFolder(String remote) {
    try {
      ObjectNode body = Json.object().put("path", remote).put("follow", true);
      JsonNode info = Json.unwrap(api.postOnce(Sandboxes.path(sandbox, "/fs/stat"), body));
      return info.path("is_dir").asBoolean(false);
    } catch (ApiException refused) {
      if (refused.status() != NOT_FOUND) {
        throw refused;
      }
      return false;
    }
  }

  private void file(Path local, String path, int bits) throws IOException {
    // A write takes no mode 0: it comes after it.
    String mode = "%04o".formatted(bits == 0 ? 0600 : bits);
    if (Files.size(local) <= SMALL) {
      ObjectNode body = Json.object();
      body.put("path", path).put("mode", mode);
      body.put("content_base64", Base64.getEncoder().encodeToString(Files.readAllBytes(local)));
      api.postOnce(Sandboxes.path(sandbox, "/fs/write"), body);
    } else {
      Multipart form = new Multipart().field("path", path).field("mode", mode).file("file", local);
      api.upload(Sandboxes.path(sandbox, "/files/upload"), form.contentType(), form.body());
    }
    if (bits == 0) {
      run("chmod 0 " + Words.quote(path));
    }
  }

  private Copied folder(Path local, String remote, List<String> exclude) throws IOException {
    Path archive = Files.createTempFile("atoll-", ".tar.gz");
    String there = "/tmp/.atoll-" + UUID.randomUUID() + ".tar.gz";
    try {
      Copied copied;
      try (TarWriter tar = new TarWriter(new GZIPOutputStream(Files.newOutputStream(archive)))) {
        tar.addTree(local, exclude);
        copied = new Copied(tar.skipped(), tar.changed());
      }
      file(archive, there, 0600);
      String target = Words.quote(remote);
      run(
          "mkdir -p %s && tar -xzf %s -C %s --no-same-owner; code=$?; rm -f %s; exit $code"
              .formatted(target, there, target, there));
      return copied;
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
