package com.atoll.node.images;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Everything that goes into an image.
 *
 * @param id of the template
 * @param folder where it is
 * @param template what it says
 * @param suite Debian suite
 * @param authorities the host's own certificate authorities
 * @param digest of all this
 */
record TemplateSource(
    String id,
    Path folder,
    Template template,
    String suite,
    List<Path> authorities,
    String digest) {
  /** Rises when the builder makes something else of the same source. */
  private static final String BUILDER = "2";

  private static final Path HOST_AUTHORITIES = Path.of("/usr/local/share/ca-certificates");
  private static final int DIGEST_LENGTH = 32;

  static TemplateSource read(Path folder) throws IOException {
    Template template = Template.read(folder);
    String suite = template.suite().isEmpty() ? AptMirror.hostSuite() : template.suite();
    List<Path> authorities = filesBelow(HOST_AUTHORITIES, ".crt");
    MessageDigest digest = sha256();
    add(digest, BUILDER);
    add(digest, suite);
    add(digest, Files.readString(folder.resolve("template.json")));
    for (Path file : filesBelow(folder.resolve("files"), "")) {
      add(digest, folder.relativize(file).toString());
      add(digest, PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
      add(digest, Files.readAllBytes(file));
    }
    for (Path authority : authorities) {
      add(digest, Files.readAllBytes(authority));
    }
    String hex = HexFormat.of().formatHex(digest.digest()).substring(0, DIGEST_LENGTH);
    return new TemplateSource(
        folder.getFileName().toString(), folder, template, suite, authorities, hex);
  }

  /** The digest of what comes of it on this base. */
  String digestOn(String base) {
    MessageDigest both = sha256();
    add(both, digest);
    add(both, base);
    return HexFormat.of().formatHex(both.digest()).substring(0, DIGEST_LENGTH);
  }

  static List<Path> filesBelow(Path folder, String ending) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> found = Files.walk(folder)) {
      return new ArrayList<>(
          found
              .filter(Files::isRegularFile)
              .filter(file -> file.toString().endsWith(ending))
              .sorted()
              .toList());
    }
  }

  private static void add(MessageDigest digest, String text) {
    add(digest, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void add(MessageDigest digest, byte[] bytes) {
    digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
    digest.update(bytes);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
