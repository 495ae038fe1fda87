package com.atoll.scenarios;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** A sandbox behind a policy that lets few hosts through, and a world outside to call. */
final class Egress implements AutoCloseable {
  static final String PORT = "timeout 3 bash -c 'exec 3<>/dev/tcp/%s/%d' 2>/dev/null; echo $?";
  static final String STATUS = "curl -sk -m 8 -o /dev/null -w '%{http_code}' ";

  private final Given given;
  private final Host host;
  private final Outside outside;
  private final Sandbox sandbox;
  private final String policy;

  Egress(Given given) {
    this.given = given;
    this.host = Host.of(given.target);
    outside =
        new Outside(
                given.target,
                Map.of(
                    "open.test",
                    Outside.ADDRESS,
                    "sub.open.test",
                    Outside.ADDRESS,
                    "shut.test",
                    Outside.ADDRESS,
                    "later.test",
                    Outside.ADDRESS,
                    "part.test",
                    Outside.ADDRESS,
                    Outside.PROVEN,
                    Outside.ADDRESS,
                    "host.test",
                    Outside.HOST_END,
                    "private.test",
                    "10.0.0.1",
                    "metadata.test",
                    "169.254.169.254"))
            .trusted()
            .ready();
    restart("edge");
    sandbox = given.aSandbox().running();
    policy = lock(sandbox);
    allow("open.test", Map.of());
    allow("host.test", Map.of());
    allow("private.test", Map.of());
    allow("metadata.test", Map.of());
    allow("part.test", Map.of("methods", new String[] {"GET"}, "path_glob", "/v1/**"));
  }

  Host host() {
    return host;
  }

  /** The sandbox that is locked in. */
  Sandbox sandbox() {
    return sandbox;
  }

  /** The policy that locks it in. */
  String policy() {
    return policy;
  }

  /** Lets a sandbox reach nothing; the policy. */
  String lock(Sandbox of) {
    return data(given.api.post("/egress/policies", lockOf(of)), 201).path("id").asString();
  }

  static Map<String, Object> lockOf(Sandbox of) {
    return Map.of(
        "name", "locked",
        "mode", "enforce",
        "default_effect", "deny",
        "resource_type", "sandbox",
        "resource_id", of.id());
  }

  /** Lets the locked sandbox reach a host; the rule. */
  String allow(String name, Map<String, Object> more) {
    return rule(sandbox, "allow", name, more);
  }

  String rule(Sandbox of, String effect, String name, Map<String, Object> more) {
    Map<String, Object> body = new HashMap<>(more);
    body.put("host", name);
    body.put("effect", effect);
    body.put("resource_type", "sandbox");
    body.put("resource_id", of.id());
    return data(given.api.post("/egress/allowlist", body), 201).path("id").asString();
  }

  /** What an answer of this status carries. */
  static JsonNode data(Reply reply, int status) {
    return reply.expect(status).json().path("data");
  }

  /** What the locked sandbox is told. */
  String get(String arguments) {
    return sandbox.exec("curl -sk -m 8 " + arguments).stdout();
  }

  /** The status that a sandbox gets, or 000. */
  static String status(Sandbox of, String arguments) {
    return of.exec(STATUS + arguments).stdout();
  }

  /** Kills a process and waits until it is back. */
  void restart(String role) {
    long before = host.pid(role);
    host.kill(role);
    Crashes.eventually(
        60,
        role + " is back",
        () -> host.pid(role) != before && given.api.get("/sandboxes?limit=1").status() == 200);
    Crashes.eventually(60, "sandboxes are heard", this::hearsSandboxes);
  }

  /** Whether the ports that the kernel brings their packets to are open, as it says itself. */
  private boolean hearsSandboxes() {
    JsonNode installation =
        Reply.JSON.readTree(given.target.home().resolve("installation.json").toFile());
    int dns = installation.path("dns_port").asInt();
    String address = installation.path("gateway_address").asString();
    return isOpen("udp", address, dns)
        && isOpen("udp", address, dns + 3)
        && IntStream.rangeClosed(dns, dns + 3).allMatch(port -> isOpen("tcp", address, port));
  }

  /** With the address: another installation may have the same ports at its own. */
  private static boolean isOpen(String protocol, String address, int port) {
    String[] bytes = address.split("\\.", -1);
    StringBuilder socket = new StringBuilder();
    for (int i = bytes.length - 1; i >= 0; i--) {
      socket.append(String.format(Locale.ROOT, "%02X", Integer.parseInt(bytes[i])));
    }
    socket.append(String.format(Locale.ROOT, ":%04X ", port));
    try (Stream<String> sockets = Files.lines(Path.of("/proc/net/" + protocol + "6"))) {
      return sockets.anyMatch(line -> line.contains(socket));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public void close() {
    sandbox.close();
    outside.close();
    restart("edge");
  }
}
