package com.atoll.server.files;

import com.atoll.model.AtollException;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Operation;
import com.atoll.server.sandboxes.Sandboxes;
import com.fasterxml.jackson.annotation.JsonAlias;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Writes files. */
final class WriteApi {
  private static final long LARGEST_JSON = 64L << 20;
  private static final long LARGEST_UPLOAD = 16L << 30;

  private final Sandboxes sandboxes;
  private final FileStore files;
  private final Many many;

  WriteApi(Sandboxes sandboxes, FileStore files) {
    this.sandboxes = sandboxes;
    this.files = files;
    many = new Many(files);
  }

  /** A file to write. */
  record Write(
      @Doc("Path; a relative one begins at /workspace.") @Nullable String path,
      @Doc(value = "Content as base64.", binary = true) @Nullable String contentBase64,
      @Doc(value = "Content as text.", binary = true) @Nullable String content,
      @Doc("How content is written: utf8 (default) or base64.") @Nullable String encoding,
      @Doc("Permission bits, octal, such as 0644.") @Nullable JsonNode mode) {}

  /** A file to write, in the older form. */
  record OldWrite(
      @Doc("Path; a relative one begins at /workspace.") @Nullable String path,
      @Doc(value = "Content as base64.", binary = true) @JsonAlias("content_base64")
          @Nullable String content,
      @Doc("Permission bits, octal, such as 0644.") @Nullable JsonNode mode) {}

  /** Several files to write. */
  record WriteMany(
      @Doc("The files; they appear together.") List<OldWrite> files,
      @Doc("All of them or none; default false: those that cannot be written are told.")
          @Nullable Boolean atomic) {}

  /** A file that was written. */
  record Written(
      @Doc("Absolute path.") String path,
      @Doc("Size in bytes.") long sizeBytes,
      @Doc("Same as size_bytes.") long size,
      @Doc("Always true.") boolean success) {
    static Written of(SandboxPath path, long size) {
      return new Written(path.value(), size, size, true);
    }
  }

  /** A file that was not written. */
  record Failed(@Doc("Path as it was sent.") String path, @Doc("Why.") String error) {}

  /** What became of several files. */
  record WrittenMany(
      @Doc("Files that were written.") List<Written> written,
      @Doc("Files that were not.") List<Failed> failed) {}

  List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>();
    for (String family : List.of("fs", "files")) {
      String base = "/sandboxes/:id/" + family;
      String id = "sandboxes." + family + ".";
      all.add(
          FilesCapability.write(Operation.post(base + "/write"), id + "write", "Writes a file.")
              .bodyLimit(LARGEST_JSON)
              .request(Write.class)
              .response(Written.class, Envelope.FLAT_MIRROR)
              .status(201)
              .handle(this::write));
      all.add(
          FilesCapability.write(
                  Operation.post(base + "/write-many"),
                  id + "write_many",
                  "Writes several files; some may fail. A call that breaks off writes none.")
              .bodyLimit(LARGEST_JSON)
              .request(WriteMany.class)
              .response(WrittenMany.class, Envelope.FLAT_MIRROR)
              .handle(this::writeMany));
      all.add(
          FilesCapability.write(
                  Operation.post(base + "/batch"),
                  id + "batch",
                  "Writes several files; some may fail. A call that breaks off writes none.")
              .priority("P2")
              .bodyLimit(LARGEST_JSON)
              .request(WriteMany.class)
              .response(WrittenMany.class, Envelope.FLAT_MIRROR)
              .handle(this::writeMany));
      all.add(
          FilesCapability.write(
                  Operation.post(base + "/upload"),
                  id + "upload",
                  "Writes a file from a form, or from the bytes of the body.")
              .priority("P3")
              .query("path", "Path, when the form does not name it.")
              .query(
                  "mode",
                  "Permission bits, octal; a form may have them as a field before its file.")
              .rawRequest(LARGEST_UPLOAD)
              .response(Written.class, Envelope.FLAT_MIRROR)
              .status(201)
              .handle(this::upload));
    }
    all.add(
        FilesCapability.write(
                Operation.post("/sandboxes/:id/files"),
                "sandboxes.files.put",
                "Writes a file, given as base64.")
            .bodyLimit(LARGEST_JSON)
            .request(OldWrite.class)
            .response(Written.class, Envelope.FLAT_MIRROR)
            .status(201)
            .handle(this::oldWrite));
    return all;
  }

  private Written write(Call call, Write body) {
    SandboxPath path = SandboxPath.of(body.path());
    byte[] content = Contents.of(body.contentBase64(), body.content(), body.encoding());
    return write(call, path, content, Modes.of(body.mode()));
  }

  private Written oldWrite(Call call, OldWrite body) {
    SandboxPath path = SandboxPath.of(body.path());
    return write(call, path, content(body), Modes.of(body.mode()));
  }

  private Written write(Call call, SandboxPath path, byte[] content, int mode) {
    return sandboxes.awake(
        call.principal(),
        call.path("id"),
        sandbox -> Written.of(path, files.write(sandbox.id(), path, content, mode)));
  }

  static byte[] content(OldWrite file) {
    String content = file.content();
    if (content == null) {
      throw AtollException.invalid("content", "is required");
    }
    return Contents.base64("content", content);
  }

  private WrittenMany writeMany(Call call, WriteMany body) {
    return sandboxes.awake(
        call.principal(), call.path("id"), sandbox -> many.write(sandbox.id(), body));
  }

  private Written upload(Call call) {
    try {
      return uploadBody(call);
    } catch (AtollException refused) {
      // A client that still sends would miss why.
      call.discardBody();
      throw refused;
    }
  }

  private Written uploadBody(Call call) {
    String type = call.header("Content-Type");
    String named = call.header("X-Remote-Path");
    String path = named != null ? text(named) : call.query("path");
    int mode = Modes.of(call.query("mode"));
    if (type == null || !type.regionMatches(true, 0, "multipart/form-data", 0, 19)) {
      SandboxPath to = SandboxPath.of(path);
      long size = call.bodyLength().orElse(-1);
      return put(call, to, call.body(), size, mode);
    }
    try (InputStream body = call.body()) {
      Written written =
          new UploadForm(Multipart.of(type, body), path, mode)
              .write((to, content, size, bits) -> put(call, to, content, size, bits));
      // What follows the file must be read, or the connection cannot be used again.
      body.transferTo(OutputStream.nullOutputStream());
      return written;
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }

  /** What a header says: it comes byte by byte, and clients write names as UTF-8. */
  static String text(String header) {
    byte[] bytes = header.getBytes(StandardCharsets.ISO_8859_1);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException other) {
      return header;
    }
  }

  /** A path that ends with a slash is the folder for the file's own name. */
  static SandboxPath target(@Nullable String path, @Nullable String fileName) {
    if (path == null || path.isEmpty()) {
      if (fileName == null || fileName.isEmpty()) {
        throw AtollException.invalid("path", "is required");
      }
      return SandboxPath.of(ownName(fileName));
    }
    return SandboxPath.of(path.endsWith("/") && fileName != null ? path + ownName(fileName) : path);
  }

  /** Who uploaded the file chose its name: it must not lead out of the folder that it is for. */
  private static String ownName(String fileName) {
    String name = fileName.substring(fileName.lastIndexOf('/') + 1);
    if (name.isEmpty() || name.equals(".") || name.equals("..")) {
      throw AtollException.invalid("file", "has no name that a file can have");
    }
    return name;
  }

  private Written put(Call call, SandboxPath path, InputStream content, long size, int mode) {
    return sandboxes.awake(
        call.principal(),
        call.path("id"),
        sandbox -> Written.of(path, files.write(sandbox.id(), path, content, size, mode)));
  }
}
