package com.atoll.cli.sandboxes;

import com.atoll.cli.console.Words;
import com.atoll.cli.http.Api;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Json;
import com.atoll.cli.tar.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Brings files and folders of a sandbox to this machine. */
final class Download {
  private final Api api;
  private final String sandbox;

  Download(Api api, String sandbox) {
    this.api = api;
    this.sandbox = sandbox;
  }

  void copy(String remote, Path local) {
    ObjectNode body = Json.object();
    body.put("path", remote);
    JsonNode info = Json.unwrap(api.postOnce(Sandboxes.path(sandbox, "/fs/stat"), body));
    try {
      if (info.path("is_dir").asBoolean(false)) {
        folder(remote, local);
      } else {
        Path name = Path.of(remote).getFileName();
        file(remote, Files.isDirectory(local) && name != null ? local.resolve(name) : local);
      }
    } catch (IOException unwritable) {
      throw new ApiException(
          "UNWRITABLE", "cannot write " + local + ": " + unwritable.getMessage(), null);
    }
  }

  private void file(String remote, Path local) throws IOException {
    Path parent = local.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IOException("it is a folder");
    }
    Files.createDirectories(parent);
    Path part = Files.createTempFile(parent, ".atoll-", ".part");
    try (InputStream bytes = open(remote)) {
      Files.copy(bytes, part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, local, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private void folder(String remote, Path local) throws IOException {
    String there = "/tmp/.atoll-" + UUID.randomUUID() + ".tar.gz";
    run("tar --hard-dereference -czf %s -C %s .".formatted(there, Words.quote(remote)));
    try (TarReader tar = new TarReader(new GZIPInputStream(open(there)))) {
      Files.createDirectories(local);
      tar.unpack(local);
    } finally {
      run("rm -f " + there);
    }
  }

  private InputStream open(String remote) {
    return api.download(Sandboxes.path(sandbox, "/fs/download?path=" + Api.escape(remote)));
  }

  private void run(String line) {
    ObjectNode body = Json.object();
    body.put("command", line).put("cwd", "/");
    JsonNode result = Json.unwrap(api.postOnce(Sandboxes.path(sandbox, "/exec"), body));
    if (result.path("exit_code").asInt(1) != 0) {
      throw new ApiException(
          "COPY_FAILED",
          "the sandbox could not pack: " + Json.text(result, "stderr").strip(),
          null);
    }
  }
}
