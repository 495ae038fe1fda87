package com.atoll.server.files;

import com.atoll.model.AtollException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The file of a form that must not be followed by what would have to be known before it, or by
 * another file. It only ends once the form has: whoever writes it then has written nothing yet.
 */
final class LastFile extends FilterInputStream {
  private final Multipart form;
  private boolean ended;

  LastFile(InputStream content, Multipart form) {
    super(content);
    this.form = form;
  }

  @Override
  public int read() throws IOException {
    int next = super.read();
    if (next < 0) {
      end();
    }
    return next;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int count = super.read(into, offset, length);
    if (count < 0) {
      end();
    }
    return count;
  }

  static AtollException another() {
    return AtollException.invalid("file", "is one for each call, and another one follows");
  }

  private void end() throws IOException {
    if (ended) {
      return;
    }
    ended = true;
    for (Multipart.Part part = form.next(); part != null; part = form.next()) {
      if (part.isFile()) {
        throw another();
      }
      if (part.name().equals("path") || part.name().equals("mode")) {
        throw AtollException.invalid(part.name(), "must come before the file");
      }
    }
  }
}
