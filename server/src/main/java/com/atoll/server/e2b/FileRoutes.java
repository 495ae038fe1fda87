package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.e2b.Admission.Guest;
import com.atoll.server.files.FileStore;
import com.atoll.server.files.Given;
import com.atoll.server.files.Multipart;
import com.atoll.server.files.Opened;
import com.atoll.server.files.SandboxPath;
import com.atoll.server.http.Call;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The bytes of files, at {@code /files} of a sandbox. */
final class FileRoutes {
  private static final String METADATA = "X-Metadata-";
  private static final int MOST_METADATA = 64;
  private static final int LONGEST_METADATA = 3 << 10;
  private static final int MOST_FILES = 10_000;
  private static final int MOST_PARTS = MOST_FILES + 1;

  private final Admission admission;
  private final FileStore files;

  FileRoutes(Admission admission, FileStore files) {
    this.admission = admission;
    this.files = files;
  }

  private static SandboxPath path(Home.User user, @Nullable String text) {
    if (text == null || text.isEmpty()) {
      throw AtollException.of(ErrorCode.INVALID_PATH, "(none)");
    }
    return user.path(text);
  }

  void read(Call call) {
    Guest guest = admission.admitToFile(call, "read");
    SandboxPath path = path(guest.owner(call.query("username")), call.query("path"));
    guest.awake(id -> Opened.of(files, call, id, path)).send(call, "inline");
  }

  JsonNode write(Call call) throws IOException {
    Guest guest = admission.admitToFile(call, "write");
    Home.User user = guest.owner(call.query("username"));
    Given given = new Given(metadata(call), user.owner());
    String type = call.header("Content-Type");
    ArrayNode written = JsonNodeFactory.instance.arrayNode();
    try (InputStream body = decoded(call)) {
      if (type == null || !type.regionMatches(true, 0, "multipart/form-data", 0, 19)) {
        boolean plain = call.header("Content-Encoding") == null;
        long size = plain ? call.bodyLength().orElse(-1) : -1;
        put(guest, path(user, call.query("path")), body, size, given, written);
        return written;
      }
      Multipart form = Multipart.of(type, body, MOST_PARTS);
      Multipart.Part part = form.next();
      while (part != null) {
        if (part.name().equals("file")) {
          String one = call.query("path");
          String name = one == null || one.isEmpty() ? unquoted(part.fileName()) : one;
          put(guest, path(user, name), part.content(), -1, given, written);
        }
        part = form.next();
      }
      // What follows the last part must be read, or the connection cannot be used again.
      body.transferTo(OutputStream.nullOutputStream());
      return written;
    } catch (ZipException malformed) {
      throw AtollException.of(ErrorCode.INVALID_REQUEST, "the body is not gzip");
    }
  }

  /** How browsers and libraries write quotes and line ends into the name of a part. */
  private static @Nullable String unquoted(@Nullable String name) {
    return name == null
        ? null
        : name.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n");
  }

  private void put(
      Guest guest,
      SandboxPath path,
      InputStream content,
      long size,
      Given given,
      ArrayNode written) {
    try {
      var _ = guest.awake(id -> files.write(id, path, content, size, 0, given));
    } catch (AtollException broken) {
      // A body cannot be sent again: what was lost with its sandbox is no passing trouble.
      if (broken.code().status() == 503 && guest.ends()) {
        throw AtollException.of(ErrorCode.SANDBOX_NOT_RUNNING, guest.id());
      }
      throw broken;
    }
    ObjectNode file =
        written.addObject().put("name", path.name()).put("type", "file").put("path", path.value());
    if (!given.attributes().isEmpty()) {
      ObjectNode shown = file.putObject("metadata");
      given.attributes().forEach(shown::put);
    }
  }

  private static InputStream decoded(Call call) throws IOException {
    String encoding = call.header("Content-Encoding");
    if (encoding == null || encoding.equalsIgnoreCase("identity")) {
      return call.body();
    }
    if (encoding.equalsIgnoreCase("gzip")) {
      return new GZIPInputStream(call.body(), 64 << 10);
    }
    throw AtollException.of(ErrorCode.UNSUPPORTED_MEDIA_TYPE, encoding);
  }

  /** What the headers give the files of this call; names are in lower case. */
  private static Map<String, String> metadata(Call call) {
    Map<String, String> metadata = call.headers(METADATA);
    int bytes = 0;
    for (Map.Entry<String, String> each : metadata.entrySet()) {
      bytes += each.getKey().length() + each.getValue().length();
    }
    if (metadata.size() > MOST_METADATA || bytes > LONGEST_METADATA || metadata.containsKey("")) {
      throw AtollException.of(
          ErrorCode.INVALID_REQUEST,
          METADATA + ": at most " + MOST_METADATA + " of " + LONGEST_METADATA + " bytes together");
    }
    return metadata;
  }
}
