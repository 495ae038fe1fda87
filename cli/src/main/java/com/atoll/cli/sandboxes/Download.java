package com.atoll.cli.sandboxes;

import com.atoll.cli.http.Api;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Json;
import com.atoll.cli.tar.Permissions;
import com.atoll.cli.tar.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
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
    body.put("path", remote).put("follow", true);
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

  private void file(String remote, Path asked, JsonNode mode) throws IOException {
    if (Files.exists(asked) && !Files.isRegularFile(asked)) {
      // A device or a pipe is written to: in its place would stand a file.
      try (InputStream bytes = open(remote);
          OutputStream out = Files.newOutputStream(asked, StandardOpenOption.WRITE)) {
        bytes.transferTo(out);
      }
      return;
    }
    if (Files.isSymbolicLink(asked) && !Files.exists(asked)) {
      throw new IOException("it is a link that leads nowhere");
    }
    Path local = Files.exists(asked) ? asked.toRealPath() : asked;
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

  /** The API packs it: that takes no room there, and bears files that change meanwhile. */
  private List<String> folder(String remote, Path local) throws IOException {
    List<String> skipped = new ArrayList<>(special(remote));
    String archive = "/exports/download?format=tar.gz&path=" + Api.escape(remote);
    Path name = Path.of(remote).normalize().getFileName();
    InputStream packed = api.download(Sandboxes.path(sandbox, archive));
    try (TarReader tar =
        new TarReader(new GZIPInputStream(packed), name == null ? "" : name + "/")) {
      Files.createDirectories(local);
      skipped.addAll(tar.unpack(local.toAbsolutePath()));
    }
    return skipped;
  }

  /** What the archive leaves out without a word; nothing where that cannot be found out. */
  private List<String> special(String remote) {
    ObjectNode body = Json.object().put("cwd", remote);
    body.put("command", "find . ! -type f ! -type d ! -type l");
    try {
      JsonNode result = Json.unwrap(api.postOnce(Sandboxes.path(sandbox, "/exec"), body));
      return Json.text(result, "stdout").lines().toList();
    } catch (ApiException refused) {
      return List.of();
    }
  }

  private InputStream open(String remote) {
    return api.download(Sandboxes.path(sandbox, "/fs/download?path=" + Api.escape(remote)));
  }
}
