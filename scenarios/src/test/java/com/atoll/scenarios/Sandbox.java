package com.atoll.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/** A sandbox of the test; destroyed when closed. */
record Sandbox(Api api, String id, String slug) implements AutoCloseable {

  /** What a command said. */
  record Result(int exitCode, String stdout, String stderr, boolean timedOut) {}

  Result exec(String command) {
    return exec(command, 60);
  }

  Result exec(String command, int timeoutSeconds) {
    Reply reply =
        api.post(at("/exec"), Map.of("command", command, "timeout", timeoutSeconds)).expect(200);
    return new Result(
        reply.json().path("exit_code").asInt(),
        reply.string("stdout"),
        reply.string("stderr"),
        reply.json().path("timed_out").asBoolean());
  }

  /** Runs a command that must succeed, and answers its output without the last line end. */
  String run(String command) {
    Result result = exec(command);
    assertEquals(0, result.exitCode(), () -> command + ": " + result);
    return result.stdout().stripTrailing();
  }

  Sandbox withFile(String path, String content) {
    write(path, content).expect(201);
    return this;
  }

  /** The answer to a write, whatever it is. */
  Reply write(String path, String content) {
    String encoded = Base64.getEncoder().encodeToString(content.getBytes(StandardCharsets.UTF_8));
    return api.post(at("/fs/write"), Map.of("path", path, "content_base64", encoded));
  }

  String file(String path) {
    return api.get(at("/fs/download?path=" + path)).expect(200).text();
  }

  /** Starts a web server on the port that answers every GET with the word, and waits for it. */
  Sandbox serving(int port, String word) {
    withFile("/workspace/serve.py", Samples.SERVER);
    api.post(
            at("/processes"), Map.of("command", "python3 /workspace/serve.py " + port + " " + word))
        .expect(201);
    run(
        "for i in $(seq 200); do curl -s -o /dev/null 127.0.0.1:"
            + port
            + " && exit 0; sleep 0.05; done; exit 1");
    return this;
  }

  String url(int port) {
    return api.post(at("/expose"), Map.of("port", port)).expect(200).string("url");
  }

  String state() {
    return api.get(at("")).expect(200).string("state");
  }

  String at(String path) {
    return "/sandboxes/" + id + path;
  }

  @Override
  public void close() {
    api.delete(at(""));
  }
}
