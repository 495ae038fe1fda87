package com.atoll.scenarios;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A piece of the internet in a network namespace of the test's own: one server at an address that
 * no range denies, and names for it that only this installation's sandboxes are told.
 */
final class Outside implements AutoCloseable {
  static final String ADDRESS = "11.47.11.2";
  static final String HOST_END = "11.47.11.1";

  /** Speaks neither HTTP nor TLS on their ports, and speaks first. */
  static final String RAW = "11.47.12.2";

  private static final String NAMESPACE = "atoll-outside";
  private static final String INTERFACE = "atolloutside";

  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin");

  /** The one name under which the server can prove who it is, to those that trust its authority. */
  static final String PROVEN = "proven.test";

  private final Path names;
  private final Path authorities;
  private final Path folder;
  private final Process server;

  Outside(Target target, Map<String, String> hosts) {
    try {
      names = target.home().resolve("hosts");
      authorities = target.home().resolve("authorities.pem");
      Files.deleteIfExists(authorities);
      folder = Files.createTempDirectory("atoll-outside");
      removeNetwork();
      StringBuilder list = new StringBuilder();
      hosts.forEach((name, address) -> list.append(address + " " + name + "\n"));
      Files.writeString(names, list);
      addNetwork();
      server = start();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static void addNetwork() {
    run(true, "ip", "netns", "add", NAMESPACE);
    run(true, "ip", "link", "add", INTERFACE, "type", "veth", "peer", "eth0", "netns", NAMESPACE);
    run(true, "ip", "address", "add", HOST_END + "/30", "dev", INTERFACE);
    run(true, "ip", "link", "set", INTERFACE, "up");
    run(true, "sysctl", "-qw", "net.ipv4.conf." + INTERFACE + ".forwarding=1");
    inside("ip", "address", "add", ADDRESS + "/30", "dev", "eth0");
    run(true, "ip", "address", "add", "11.47.12.1/30", "dev", INTERFACE);
    inside("ip", "address", "add", RAW + "/30", "dev", "eth0");
    inside("ip", "link", "set", "eth0", "up");
    inside("ip", "link", "set", "lo", "up");
  }

  private static void removeNetwork() {
    run(false, "ip", "netns", "delete", NAMESPACE);
    run(false, "ip", "link", "delete", INTERFACE);
  }

  /** A certificate that nobody trusts, and one that an authority vouches for, for one name. */
  private void makeKeys() {
    keys("-genkeypair -keyalg EC -alias outside -dname CN=outside");
    keys("-genkeypair -keyalg EC -alias authority -dname CN=outside-authority -ext bc:c");
    keys(
        "-genkeypair -keyalg EC -alias proven -dname CN=proven -signer authority -ext san=dns:"
            + PROVEN);
    keys("-exportcert -rfc -alias authority -file " + folder.resolve("authority.pem"));
    keys("-delete -alias authority");
  }

  private void keys(String words) {
    List<String> command = new ArrayList<>();
    command.add(JAVA.resolve("keytool").toString());
    command.addAll(List.of(words.split(" ", -1)));
    command.addAll(List.of("-storepass", "outside", "-storetype", "PKCS12", "-keystore"));
    command.add(folder.resolve("keys.p12").toString());
    run(true, command.toArray(String[]::new));
  }

  /** The owner trusts the authority outside; the gateway knows once it has started anew. */
  Outside trusted() {
    try {
      Files.copy(folder.resolve("authority.pem"), authorities);
      return this;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private Process start() throws IOException {
    makeKeys();
    Path store = folder.resolve("keys.p12");
    return new ProcessBuilder(
            "ip",
            "netns",
            "exec",
            NAMESPACE,
            JAVA.resolve("java").toString(),
            "-cp",
            classes().toString(),
            OutsideServer.class.getName(),
            store.toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }

  private static Path classes() {
    try {
      return Path.of(
          OutsideServer.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits until the server answers. */
  Outside ready() {
    Given.eventually(
        20,
        "the server outside answers",
        () -> run(false, "bash", "-c", "exec 3<>/dev/tcp/" + ADDRESS + "/443") == 0);
    return this;
  }

  private static void inside(String... command) {
    List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", NAMESPACE));
    words.addAll(List.of(command));
    run(true, words.toArray(String[]::new));
  }

  private static int run(boolean must, String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(List.of(command) + " hangs");
      }
      if (must && process.exitValue() != 0) {
        throw new AssertionError(List.of(command) + ": " + said);
      }
      return process.exitValue();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopped);
    }
  }

  @Override
  public void close() {
    server.destroyForcibly();
    removeNetwork();
    try {
      Files.deleteIfExists(names);
      Files.deleteIfExists(authorities);
      for (String file : List.of("keys.p12", "authority.pem", "log", "")) {
        Files.deleteIfExists(folder.resolve(file));
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
