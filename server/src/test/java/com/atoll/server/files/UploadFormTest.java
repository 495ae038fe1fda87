package com.atoll.server.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.model.AtollException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is written of a form. */
class UploadFormTest {
  private static final String FILE = "name=\"file\"; filename=\"own\"";
  private static final String PATH = "name=\"path\"";
  private static final String MODE = "name=\"mode\"";

  /** The path, the mode and the length of what is written. */
  private static String written(@Nullable String path, String... parts) throws IOException {
    StringBuilder body = new StringBuilder();
    for (int i = 0; i < parts.length; i += 2) {
      body.append("--XX\r\nContent-Disposition: form-data; ").append(parts[i]);
      body.append("\r\n\r\n").append(parts[i + 1]).append("\r\n");
    }
    byte[] bytes = body.append("--XX--\r\n").toString().getBytes(StandardCharsets.UTF_8);
    Multipart form =
        Multipart.of("multipart/form-data; boundary=XX", new ByteArrayInputStream(bytes));
    StringBuilder seen = new StringBuilder();
    new UploadForm(form, path, 0)
        .write((to, content, size, mode) -> {
          try {
            int length = content.readAllBytes().length;
            assertTrue(size == length || size == -1);
            seen.append("%s %o %d".formatted(to.value(), mode, length));
            return WriteApi.Written.of(to, length);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    return seen.toString();
  }

  @Test
  void fieldsMayComeBeforeTheFileAndAfterIt() throws IOException {
    assertEquals("/tmp/x 600 5", written(null, PATH, "/tmp/x", MODE, "600", FILE, "hello"));
    assertEquals("/tmp/x 600 5", written(null, FILE, "hello", PATH, "/tmp/x", MODE, "600"));
    assertEquals("/tmp/own 0 5", written(null, FILE, "hello", "name=a", "b", PATH, "/tmp/"));
    assertEquals("/workspace/own 0 5", written(null, FILE, "hello"));
    assertEquals("/tmp/y 0 5", written("/tmp/y", FILE, "hello"));
  }

  @Test
  void whatComesTooLateIsRefused() {
    String large = "x".repeat(UploadForm.MOST_HELD + 1);
    refused(null, FILE, large, PATH, "/tmp/x");
    refused("/tmp/y", FILE, "hello", PATH, "/tmp/x");
    refused("/tmp/y", FILE, "hello", MODE, "600");
  }

  @Test
  void aLargeFileKeepsItsOwnNameAndAllOfItsBytes() throws IOException {
    int length = UploadForm.MOST_HELD + 1;
    assertEquals("/workspace/own 0 " + length, written(null, FILE, "x".repeat(length)));
  }

  @Test
  void oneFileIsWrittenAndNoOther() {
    refused(null, FILE, "hello", FILE, "again");
    refused("/tmp/x", FILE, "hello", FILE, "again");
    refused("/tmp/x", FILE, "hello", "name=second; filename=f", "again");
    refused("/tmp/x", MODE, "600");
  }

  private static void refused(@Nullable String path, String... parts) {
    assertThrows(AtollException.class, () -> written(path, parts));
  }
}
