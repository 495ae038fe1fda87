package com.atoll.cli.ssh;

import com.atoll.cli.http.ApiException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** A key of one connection, in a folder that only its user can read and that goes with it. */
final class Identity implements AutoCloseable {
  private final Path folder;

  private Identity(Path folder) {
    this.folder = folder;
  }

  static Identity make() {
    try {
      Identity identity = new Identity(Files.createTempDirectory("atoll-ssh-"));
      int code =
          OpenSsh.run(
              List.of(
                  "ssh-keygen",
                  "-q",
                  "-t",
                  "ed25519",
                  "-N",
                  "",
                  "-C",
                  "atoll",
                  "-f",
                  identity.key().toString()));
      if (code != 0) {
        identity.close();
        throw new ApiException("NO_KEY", "ssh-keygen failed", "install the client of OpenSSH");
      }
      return identity;
    } catch (IOException unwritable) {
      throw new UncheckedIOException(unwritable);
    }
  }

  Path key() {
    return folder.resolve("key");
  }

  Path publicKey() {
    return folder.resolve("key.pub");
  }

  Path knownHosts() {
    return folder.resolve("known_hosts");
  }

  /** Keeps what the API answered beside the key. */
  void accept(String certificate, JsonNode knownHosts) {
    StringBuilder known = new StringBuilder();
    knownHosts.forEach(line -> known.append(line.asString()).append('\n'));
    try {
      Files.writeString(folder.resolve("key-cert.pub"), certificate + "\n");
      Files.writeString(knownHosts(), known);
    } catch (IOException unwritable) {
      throw new UncheckedIOException(unwritable);
    }
  }

  @Override
  public void close() {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException leftBehind) {
      throw new UncheckedIOException(leftBehind);
    }
  }
}
