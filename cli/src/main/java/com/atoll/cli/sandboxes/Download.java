package com.atoll.cli.sandboxes;

import com.atoll.cli.console.Words;
import com.atoll.cli.http.Api;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Json;
import com.atoll.cli.tar.Permissions;
import com.atoll.cli.tar.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
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

  /** Copies a file or the contents of a folder; answers what was left out. */
  List<String> copy(String remote, Path local) {
    ObjectNode body = Json.object();
    body.put("path", remote);
    JsonNode info = Json.unwrap(api.postOnce(Sandboxes.path(sandbox, "/fs/stat"), body));
    try {
      if (info.path("is_dir").asBoolean(false)) {
        return folder(remote, local);
      }
      Path name = Path.of(remote).getFileName();
      Path target = Files.isDirectory(local) && name != null ? local.resolve(name) : local;
      file(remote, target, info.path("mode"));
      return List.of();
    } catch (IOException unwritable) {
      throw new ApiException(
          "UNWRITABLE", "cannot write " + local + ": " + unwritable.getMessage(), null);
    }
  }

  private void file(String remote, Path local, JsonNode mode) throws IOException {
    Path parent = local.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IOException("it is a folder");
    }
    Files.createDirectories(parent);
    Path part = Files.createTempFile(parent, ".atoll-", ".part");
    try (InputStream bytes = open(remote)) {
      Files.copy(bytes, part, StandardCopyOption.REPLACE_EXISTING);
      Permissions.set(part, bits(mode));
      Files.move(part, local, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** What the sandbox says of its permissions; the usual ones when it says nothing of them. */
  private static int bits(JsonNode mode) {
    String digits = mode.asString("");
    return digits.matches("[0-7]{1,6}") ? Integer.parseInt(digits, 8) : 0644;
  }

  private List<String> folder(String remote, Path local) throws IOException {
    String there = "/tmp/.atoll-" + UUID.randomUUID() + ".tar.gz";
    run("tar --hard-dereference -czf %s -C %s .".formatted(there, Words.quote(remote)));
    try (TarReader tar = new TarReader(new GZIPInputStream(open(there)))) {
      Files.createDirectories(local);
      return tar.unpack(local);
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
