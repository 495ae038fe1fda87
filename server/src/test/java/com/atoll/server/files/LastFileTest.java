package com.atoll.server.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.model.AtollException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The end of a file in a form. */
class LastFileTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "name=\"path\"",
        "name=\"mode\"",
        "name=\"file\"",
        "name=\"other\"; filename=\"f2\"",
        "name=file; filename=f2"
      })
  void aFileDoesNotEndBeforeWhatItShouldFollow(String second) throws IOException {
    try (InputStream file = file(second, "--XX--\r\n")) {
      assertEquals("hello", new String(file.readNBytes(5), StandardCharsets.UTF_8));
      assertThrows(AtollException.class, file::read);
    }
  }

  @Test
  void aFieldThatSaysNothingMayFollow() throws IOException {
    try (InputStream file = file("name=\"submit\"", "--XX--\r\n")) {
      assertEquals("hello", new String(file.readAllBytes(), StandardCharsets.UTF_8));
      assertEquals(-1, file.read());
    }
  }

  @Test
  void aFileDoesNotEndWhenItsFormIsCut() throws IOException {
    try (InputStream file = file("name=\"submit\"", "")) {
      assertThrows(AtollException.class, file::readAllBytes);
    }
  }

  private static InputStream file(String second, String end) throws IOException {
    String body =
        "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nhello\r\n"
            + "--XX\r\nContent-Disposition: form-data; "
            + second
            + "\r\n\r\nlater\r\n"
            + end;
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    Multipart form =
        Multipart.of("multipart/form-data; boundary=XX", new ByteArrayInputStream(bytes));
    Multipart.Part part = form.next();
    assertNotNull(part);
    return new LastFile(part.content(), form);
  }
}
