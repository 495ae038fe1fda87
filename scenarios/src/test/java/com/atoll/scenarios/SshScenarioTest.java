package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.scenarios.SshClient.Said;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real ssh comes in, with a certificate or an authorized key, and nobody else does. */
@Tag("fast")
@Tag("all")
@Tag("waits")
final class SshScenarioTest {
  private final Given given = new Given();

  @Test
  void commandsFilesAndPortsOverOneConnection(@TempDir Path folder) throws Exception {
    SshClient client = new SshClient(given.target, folder);
    try (Sandbox sandbox = given.aSandbox().with("env", Map.of("STAGE", "test")).running()) {
      sandbox.serving(8000, "inside");
      Reply signed = client.certify(sandbox, Map.of());
      assertEquals("sandbox-" + sandbox.id(), signed.string("principal"));
      Duration left = Duration.between(Instant.now(), Instant.parse(signed.string("expires_at")));
      assertTrue(left.toSeconds() > 800 && left.toSeconds() <= 900, left::toString);
      SshClient.must(
          client.ssh(sandbox, "-M", "-f", "-N", "-L", "127.0.0.1:" + port() + ":localhost:8000"));
      try {
        Said said = client.ssh(sandbox, "cat; echo $STAGE; pwd; echo bad >&2; exit 7");
        assertEquals(7, said.code());
        assertEquals("test\n/root\n", said.out());
        assertEquals("bad\n", said.err());
        assertEquals(143, client.ssh(sandbox, "sh -c 'kill -TERM $$'; exit $?").code());
        assertTrue(client.ssh(sandbox, "-tt", "tty; stty size").out().startsWith("/dev/pts/"));
        assertEquals(
            "3000000", client.ssh(sandbox, "head -c 3000000 /dev/zero | wc -c").out().strip());
        copies(client, sandbox);
        HttpResponse<String> page =
            HttpClient.newHttpClient()
                .send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + local)).build(),
                    HttpResponse.BodyHandlers.ofString());
        assertEquals("inside", page.body().strip());
        Said outside = client.ssh(sandbox, "-W", "192.0.2.1:80");
        assertNotEquals(0, outside.code());
      } finally {
        client.ssh(sandbox, "-O", "exit");
      }
    }
  }

  private int local;

  private int port() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      local = free.getLocalPort();
      return local;
    }
  }

  private static void copies(SshClient client, Sandbox sandbox) throws IOException {
    client.write("there", "content\n");
    List<String> up = client.options("scp");
    up.add(client.folder().resolve("there").toString());
    up.add("root@" + sandbox.id() + ":/workspace/a b");
    SshClient.must(client.run(up));
    assertEquals("content", sandbox.run("cat '/workspace/a b'"));
    client.write("batch", "rename '/workspace/a b' /workspace/c\nget /workspace/c back\n");
    List<String> batch = client.options("sftp");
    batch.addAll(List.of("-b", client.folder().resolve("batch").toString()));
    batch.add("root@" + sandbox.id());
    List<String> there = List.of("env", "-C", client.folder().toString());
    SshClient.must(
        client.run(java.util.stream.Stream.of(there, batch).flatMap(List::stream).toList()));
    assertEquals("content\n", Files.readString(client.folder().resolve("back")));
  }

  @Test
  void aCertificateOpensItsSandboxAloneAndAForkHasAnotherHostKey(@TempDir Path folder) {
    SshClient client = new SshClient(given.target, folder);
    try (Sandbox sandbox = given.aSandbox().running();
        Sandbox fork = fork(sandbox)) {
      client.certify(sandbox, Map.of());
      SshClient.must(client.ssh(sandbox, "true"));
      client.trust(fork);
      assertTrue(client.ssh(fork, "true").err().contains("Permission denied"));
      // The fork is trusted by its own name only.
      client.trust(sandbox);
      assertTrue(client.ssh(fork, "true").err().contains("Host key verification failed"));
      String one = given.api.get(sandbox.at("/ssh-info")).string("host_key");
      assertEquals(one, given.api.get(sandbox.at("/ssh-info")).string("host_key"));
      assertNotEquals(one, given.api.get(fork.at("/ssh-info")).string("host_key"));

      // A paused sandbox is woken; one that is gone is not there for a certificate either.
      given.api.post(sandbox.at("/pause"), Map.of()).expect(200);
      SshClient.must(client.ssh(sandbox, "true"));
      given.api.delete(sandbox.at("")).expect(204);
      assertNotEquals(0, client.ssh(sandbox, "true").code());
      given
          .api
          .post(sandbox.at("/ssh-certificates"), Map.of("public_key", client.publicKey()))
          .expectError(400, "SANDBOX_DESTROYED");
    }
  }

  private Sandbox fork(Sandbox sandbox) {
    Reply made = given.api.post(sandbox.at("/fork"), Map.of()).expect(201);
    return new Sandbox(given.api, made.string("id"), made.string("slug"));
  }

  @Test
  void anAuthorizedKeyOpensUntilItIsRemoved(@TempDir Path folder) {
    SshClient client = new SshClient(given.target, folder);
    try (Sandbox sandbox = given.aSandbox().running()) {
      client.trust(sandbox);
      assertTrue(client.ssh(sandbox, "true").err().contains("Permission denied"));
      Map<String, Object> key = Map.of("public_key", client.publicKey());
      Reply added = given.api.post(sandbox.at("/ssh-keys"), key).expect(200);
      assertEquals(added.string("id"), given.api.post(sandbox.at("/ssh-keys"), key).string("id"));
      assertEquals(
          1, given.api.get(sandbox.at("/ssh-keys")).expect(200).json().path("data").size());
      assertEquals("root\n", client.ssh(sandbox, "whoami").out());
      given.api.delete(sandbox.at("/ssh-keys/" + added.string("id"))).expect(204);
      given.api.delete(sandbox.at("/ssh-keys/" + added.string("id"))).expect(404);
      assertTrue(client.ssh(sandbox, "true").err().contains("Permission denied"));
    }
  }

  @Test
  void badInputIsNamed(@TempDir Path folder) {
    SshClient client = new SshClient(given.target, folder);
    try (Sandbox sandbox = given.aSandbox().running()) {
      String path = sandbox.at("/ssh-certificates");
      given.api.post(path, Map.of()).expectFieldError("public_key");
      for (String key :
          List.of(
              "",
              "ssh-ed25519",
              "ssh-ed25519 AAAA",
              "ssh-dss " + client.publicKey().substring("ssh-ed25519 ".length()),
              "ssh-rsa " + client.publicKey().substring("ssh-ed25519 ".length()),
              "command=\"true\" " + client.publicKey(),
              client.publicKey() + "\n" + client.publicKey(),
              client.publicKey().replace("AAAA", "AAA*"))) {
        given.api.post(path, Map.of("public_key", key)).expectFieldError("public_key");
        given
            .api
            .post(sandbox.at("/ssh-keys"), Map.of("public_key", key))
            .expectFieldError("public_key");
      }
      for (Object ttl : List.of(0, -1, 3601, "long")) {
        given
            .api
            .post(path, Map.of("public_key", client.publicKey(), "ttl_seconds", ttl))
            .expectFieldError("ttl_seconds");
      }
      given.stranger.get(sandbox.at("/ssh-info")).expect(404);
      given.stranger.get(sandbox.at("/ssh-tunnel")).expect(404);
      given.api.get(sandbox.at("/ssh-tunnel")).expectError(426, "UPGRADE_REQUIRED");
    }
  }

  @Test
  void theCommandLineComesInByItself() {
    try (Sandbox sandbox = given.aSandbox().running()) {
      Host host = Host.of(given.target);
      assertEquals(
          "a b\n", host.atoll(60, "sandbox", "ssh", sandbox.id(), "--", "printf", "%s\\n", "a b"));
    }
  }
}
