package com.atoll.scenarios;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The OpenSSH of this machine, with a key in a folder of the test. */
final class SshClient {
  private final Target target;
  private final Path folder;

  SshClient(Target target, Path folder) {
    this.target = target;
    this.folder = folder;
    must(run(List.of("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key().toString())));
  }

  /** What a program said. */
  record Said(int code, String out, String err) {}

  Path key() {
    return folder.resolve("key");
  }

  Path folder() {
    return folder;
  }

  String publicKey() {
    return read(folder.resolve("key.pub")).strip();
  }

  /** Has the key signed for the sandbox, and trusts the authority for its name. */
  Reply certify(Sandbox sandbox, Map<String, Object> more) {
    Map<String, Object> body = new java.util.HashMap<>(more);
    body.put("public_key", publicKey());
    Reply signed = sandbox.api().post(sandbox.at("/ssh-certificates"), body).expect(200);
    write("key-cert.pub", signed.string("certificate") + "\n");
    trust(sandbox);
    return signed;
  }

  /** Accepts the sandbox by the authority of its organization, not by its own key. */
  void trust(Sandbox sandbox) {
    Reply info = sandbox.api().get(sandbox.at("/ssh-info")).expect(200);
    write("known_hosts", info.json().path("known_hosts").path(0).asString() + "\n");
  }

  /** Forgets the certificate: the bare key is all that there is. */
  void forget() {
    try {
      Files.deleteIfExists(folder.resolve("key-cert.pub"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Said ssh(Sandbox sandbox, String... words) {
    return ssh(sandbox.id(), words);
  }

  Said ssh(String host, String... words) {
    List<String> line = options("ssh");
    line.add("root@" + host);
    line.addAll(List.of(words));
    return run(line);
  }

  /** The beginning of a command line of ssh, scp or sftp. */
  List<String> options(String program) {
    String proxy =
        "env ATOLL_HOME=%s ATOLL_API_URL=%s ATOLL_API_KEY=%s %s ssh-proxy %%h"
            .formatted(target.home(), target.api(), target.key(), target.launcher());
    return new ArrayList<>(
        List.of(
            program,
            "-F",
            "none",
            "-i",
            key().toString(),
            "-o",
            "IdentitiesOnly=yes",
            "-o",
            "BatchMode=yes",
            "-o",
            "UserKnownHostsFile=" + folder.resolve("known_hosts"),
            "-o",
            "GlobalKnownHostsFile=none",
            "-o",
            "StrictHostKeyChecking=yes",
            "-o",
            "LogLevel=ERROR",
            "-o",
            "ControlPath=" + folder.resolve("master"),
            "-o",
            "ProxyCommand=" + proxy));
  }

  Said run(List<String> line) {
    try {
      Path out = Files.createTempFile(folder, "out", "");
      Path err = Files.createTempFile(folder, "err", "");
      Process process =
          new ProcessBuilder(line)
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(line + " takes more than a minute: " + read(err));
      }
      return new Said(process.exitValue(), read(out), read(err));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static Said must(Said said) {
    if (said.code() != 0) {
      throw new AssertionError(said.toString());
    }
    return said;
  }

  void write(String name, String text) {
    try {
      Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
