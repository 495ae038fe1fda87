package com.atoll.scenarios;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;

/** Streams that the server has to end. */
final class Streams {
  private Streams() {}

  /** Whether a stream still brings a line with this text, within ten seconds. */
  static boolean bring(HttpResponse<InputStream> stream, String text) throws IOException {
    long until = System.nanoTime() + 10_000_000_000L;
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8));
    String line = "";
    while (line != null && !line.contains(text) && System.nanoTime() < until) {
      line = lines.readLine();
    }
    return line != null && line.contains(text);
  }

  /** Whether a stream ends within ten seconds. */
  static boolean end(HttpResponse<InputStream> stream) {
    long until = System.nanoTime() + 10_000_000_000L;
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
      while (System.nanoTime() < until) {
        if (lines.readLine() == null) {
          return true;
        }
      }
      return false;
    } catch (IOException broken) {
      return System.nanoTime() < until;
    }
  }
}
