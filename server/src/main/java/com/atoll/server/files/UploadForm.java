package com.atoll.server.files;

import com.atoll.model.AtollException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import org.jspecify.annotations.Nullable;

/** A form with one file and what is said of it. */
final class UploadForm {
  /** Clients may send the path after its file, which is held until then; a larger one is not. */
  static final int MOST_HELD = 8 << 20;

  private final Multipart form;
  private @Nullable String path;
  private int mode;

  /** With what is known of the file beside the form. */
  UploadForm(Multipart form, @Nullable String path, int mode) {
    this.form = form;
    this.path = path;
    this.mode = mode;
  }

  /** Writes the file. */
  interface Put {
    WriteApi.Written put(SandboxPath path, InputStream content, long size, int mode);
  }

  WriteApi.Written write(Put put) throws IOException {
    for (Multipart.Part part = form.next(); part != null; part = form.next()) {
      if (part.isFile()) {
        return write(part, put);
      }
      take(part);
    }
    throw AtollException.invalid("file", "is required");
  }

  private WriteApi.Written write(Multipart.Part part, Put put) throws IOException {
    InputStream content = part.content();
    if (path == null || path.isEmpty()) {
      byte[] held = content.readNBytes(MOST_HELD + 1);
      if (held.length <= MOST_HELD) {
        takeRest();
        SandboxPath to = WriteApi.target(path, part.fileName());
        return put.put(to, new ByteArrayInputStream(held), held.length, mode);
      }
      content = new SequenceInputStream(new ByteArrayInputStream(held), content);
    }
    SandboxPath to = WriteApi.target(path, part.fileName());
    return put.put(to, new LastFile(content, form), -1, mode);
  }

  private void takeRest() throws IOException {
    for (Multipart.Part part = form.next(); part != null; part = form.next()) {
      if (part.isFile()) {
        throw LastFile.another();
      }
      take(part);
    }
  }

  private void take(Multipart.Part field) throws IOException {
    switch (field.name()) {
      case "path" -> path = field.text();
      case "mode" -> mode = Modes.of(field.text().strip());
      default -> {}
    }
  }
}
