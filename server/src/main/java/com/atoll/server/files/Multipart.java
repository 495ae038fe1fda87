package com.atoll.server.files;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code multipart/form-data} part by part as it arrives, so that a file of any size passes
 * through without being held.
 */
public final class Multipart {
  private static final int BUFFER = 64 << 10;
  private static final int LONGEST_HEADERS = 8 << 10;
  private static final int LONGEST_FIELD = 64 << 10;
  private static final int USUAL_PARTS = 100;
  private static final Pattern BOUNDARY =
      Pattern.compile(
          "boundary=(?:\"(?<quoted>[^\"]{1,70})\"|(?<plain>[^;\\s\"]{1,70}))",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern DISPOSITION =
      Pattern.compile("^content-disposition:(.*)$", Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);

  private final InputStream in;
  private final byte[] delimiter;
  private final int most;
  private final byte[] buffer = new byte[BUFFER];
  private int start;
  private int end;
  private int parts;

  /**
   * One part.
   *
   * @param content its bytes; what is left unread is skipped
   */
  public record Part(String name, @Nullable String fileName, InputStream content) {
    /** Whether it is a file: some clients give theirs no name. */
    boolean isFile() {
      return fileName != null || name.equals("file");
    }

    /** The whole value of a field, which must be short. */
    String text() throws IOException {
      byte[] bytes = content.readNBytes(LONGEST_FIELD + 1);
      if (bytes.length > LONGEST_FIELD) {
        throw malformed("the field " + name + " is too long");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  private Multipart(InputStream in, String boundary, int most) {
    this.in = in;
    this.most = most;
    delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
    // The first delimiter has no line end before it: give it one.
    buffer[0] = '\r';
    buffer[1] = '\n';
    end = 2;
  }

  /** The reader of a body with this content type. */
  public static Multipart of(String contentType, InputStream in) {
    return of(contentType, in, USUAL_PARTS);
  }

  /** The reader of a body with this content type and at most so many parts. */
  public static Multipart of(String contentType, InputStream in, int most) {
    Matcher boundary = BOUNDARY.matcher(contentType);
    if (!boundary.find()) {
      throw malformed("the content type names no boundary");
    }
    String quoted = boundary.group("quoted");
    return new Multipart(in, quoted == null ? boundary.group("plain") : quoted, most);
  }

  /** The next part; null after the last one. The part before it cannot be read any more. */
  public @Nullable Part next() throws IOException {
    if (++parts > most) {
      throw malformed("it has more than " + most + " parts");
    }
    try (Content rest = new Content()) {
      rest.skipAll();
    }
    start += delimiter.length;
    require(2);
    if (buffer[start] == '-' && buffer[start + 1] == '-') {
      return null;
    }
    String headers = headers();
    Matcher disposition = DISPOSITION.matcher(headers);
    if (!disposition.find()) {
      throw malformed("a part has no Content-Disposition");
    }
    Disposition told = Disposition.of(disposition.group(1));
    return new Part(told.name(), told.fileName(), new Content());
  }

  private String headers() throws IOException {
    ByteArrayOutputStream headers = new ByteArrayOutputStream();
    int newlines = 0;
    while (newlines < 2) {
      require(1);
      byte next = buffer[start++];
      if (next == '\n') {
        newlines++;
      } else if (next != '\r') {
        newlines = 0;
      }
      headers.write(next);
      if (headers.size() > LONGEST_HEADERS) {
        throw malformed("the headers of a part are too long");
      }
      // The delimiter's own line end counts as the first one of a part without headers.
      if (headers.size() == 2 && newlines == 1) {
        newlines = 0;
      }
    }
    return headers.toString(StandardCharsets.UTF_8);
  }

  private void require(int count) throws IOException {
    while (end - start < count) {
      if (!fill()) {
        throw malformed("it ends in the middle of a part");
      }
    }
  }

  private boolean fill() throws IOException {
    if (start > 0) {
      System.arraycopy(buffer, start, buffer, 0, end - start);
      end -= start;
      start = 0;
    }
    int count = in.read(buffer, end, buffer.length - end);
    if (count > 0) {
      end += count;
    }
    return count > 0;
  }

  private int delimiterAt() {
    int last = end - delimiter.length;
    for (int at = start; at <= last; at++) {
      int matched = 0;
      while (matched < delimiter.length && buffer[at + matched] == delimiter[matched]) {
        matched++;
      }
      if (matched == delimiter.length) {
        return at;
      }
    }
    return -1;
  }

  private static AtollException malformed(String problem) {
    return AtollException.of(
        ErrorCode.INVALID_REQUEST, "the multipart body is malformed: " + problem);
  }

  /** The bytes up to the next delimiter, which it leaves where it is. */
  private final class Content extends InputStream {
    private final int part = parts;

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (part != parts || length == 0) {
        return length == 0 ? 0 : -1;
      }
      while (true) {
        int delimiterAt = delimiterAt();
        int ready = delimiterAt >= 0 ? delimiterAt - start : end - start - (delimiter.length - 1);
        if (ready > 0) {
          int count = Math.min(ready, length);
          System.arraycopy(buffer, start, into, offset, count);
          start += count;
          return count;
        }
        if (delimiterAt >= 0) {
          return -1;
        }
        if (!fill()) {
          throw malformed("it ends in the middle of a part");
        }
      }
    }

    private void skipAll() throws IOException {
      byte[] scrap = new byte[8 << 10];
      int count = read(scrap, 0, scrap.length);
      while (count >= 0) {
        count = read(scrap, 0, scrap.length);
      }
    }
  }
}
