package com.atoll.node.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** The files that an image has beyond its packages. */
record ImageFiles(TemplateSource source) {
  private static final String BUNDLE = "/etc/ssl/certs/ca-certificates.crt";

  /** Clients that bring their own list of authorities look at these variables. */
  private static final List<String> BUNDLE_VARIABLES =
      List.of(
          "SSL_CERT_FILE",
          "CURL_CA_BUNDLE",
          "REQUESTS_CA_BUNDLE",
          "PIP_CERT",
          "GIT_SSL_CAINFO",
          "NODE_EXTRA_CA_CERTS");

  /** Puts them into a folder laid out as the image's root. */
  Path assemble(Path folder) throws IOException {
    Path etc = directory(folder.resolve("etc"));
    directory(folder.resolve("workspace"));
    write(etc.resolve("hostname"), "sandbox\n");
    write(etc.resolve("hosts"), "127.0.0.1 localhost\n");
    write(etc.resolve("resolv.conf"), "");
    write(etc.resolve("atoll/env"), environment());
    // Commands of the API have these already; other logins get them here.
    write(
        etc.resolve("profile.d/atoll.sh"),
        "[ -n \"${SSL_CERT_FILE-}\" ] || { set -a; . /etc/atoll/env; set +a; }\n");
    Path authorities = directory(folder.resolve("usr/local/share/ca-certificates"));
    int number = 0;
    for (Path authority : source.authorities()) {
      copy(authority, authorities.resolve("host-" + number++ + ".crt"));
    }
    Path files = source.folder().resolve("files");
    for (Path file : TemplateSource.filesBelow(files, "")) {
      copy(file, folder.resolve(files.relativize(file).toString()));
    }
    return folder;
  }

  private static String environment() {
    StringBuilder lines = new StringBuilder("LANG=C.UTF-8\n");
    BUNDLE_VARIABLES.forEach(name -> lines.append(name).append('=').append(BUNDLE).append('\n'));
    return lines.toString();
  }

  /** Directories get the mode that they have in every Debian: the copy sets it in the image. */
  private static Path directory(Path path) throws IOException {
    Path parent = path.getParent();
    if (parent != null && !Files.exists(parent)) {
      directory(parent);
    }
    if (!Files.exists(path)) {
      Files.createDirectory(path);
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    return path;
  }

  private static void write(Path file, String text) throws IOException {
    parentOf(file);
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }

  private static void copy(Path from, Path to) throws IOException {
    parentOf(to);
    Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    boolean executable = Files.isExecutable(from);
    Files.setPosixFilePermissions(
        to, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
  }

  private static void parentOf(Path file) throws IOException {
    Path parent = file.getParent();
    if (parent != null) {
      directory(parent);
    }
  }
}
