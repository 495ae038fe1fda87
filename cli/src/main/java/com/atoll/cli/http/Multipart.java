package com.atoll.cli.http;

import java.io.FileNotFoundException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A {@code multipart/form-data} body that streams its file. */
public final class Multipart {
  private final String boundary = "atoll-" + UUID.randomUUID();
  private final List<BodyPublisher> parts = new ArrayList<>();

  /** Adds a text field. */
  public Multipart field(String name, String value) {
    parts.add(
        BodyPublishers.ofString(
            "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
                .formatted(boundary, name, value)));
    return this;
  }

  /** Adds a file. */
  public Multipart file(String name, Path path) throws FileNotFoundException {
    String disposition = "form-data; name=\"%s\"; filename=\"file\"".formatted(name);
    String type = "application/octet-stream";
    parts.add(
        BodyPublishers.ofString(
            "--%s\r\nContent-Disposition: %s\r\nContent-Type: %s\r\n\r\n"
                .formatted(boundary, disposition, type)));
    parts.add(BodyPublishers.ofFile(path));
    parts.add(BodyPublishers.ofString("\r\n"));
    return this;
  }

  /** The header that goes with it. */
  public String contentType() {
    return "multipart/form-data; boundary=" + boundary;
  }

  /** All of it. */
  public BodyPublisher body() {
    List<BodyPublisher> all = new ArrayList<>(parts);
    all.add(BodyPublishers.ofString("--" + boundary + "--\r\n"));
    return BodyPublishers.concat(all.toArray(BodyPublisher[]::new));
  }
}
