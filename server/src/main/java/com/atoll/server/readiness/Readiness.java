package com.atoll.server.readiness;

import com.atoll.model.AtollException;
import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.ForwardRequest;
import com.atoll.node.v1.RunReply;
import com.atoll.node.v1.RunRequest;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks whether what runs in a sandbox is ready. */
public sealed interface Readiness {
  /**
   * One look.
   *
   * @param most how long it may take
   * @return what is in the way; empty when it is ready
   */
  Optional<String> obstacle(NodeClient node, String sandboxId, Duration most);

  /** What a probe asks for; {@code usualPort} when it names none. */
  static Readiness of(ReadinessProbe probe, int usualPort) {
    int port = probe.port() == null ? usualPort : probe.port();
    return switch (probe.kind()) {
      case "tcp" -> new Listens(port);
      case "http" -> http(probe, port);
      case "command" -> new Succeeds(command(probe), "", "");
      default -> throw ReadinessProbe.invalid("type", "must be http, tcp or command");
    };
  }

  private static String command(ReadinessProbe probe) {
    String command = probe.command();
    if (command == null || command.isBlank()) {
      throw ReadinessProbe.invalid("command", "is required");
    }
    if (command.length() > ReadinessProbe.LONGEST_LINE || command.indexOf('\0') >= 0) {
      throw ReadinessProbe.invalid("command", "holds NUL or is too long");
    }
    return command;
  }

  private static Readiness http(ReadinessProbe probe, int port) {
    String field = probe.url() == null ? "path" : "url";
    String url = probe.url() == null ? probe.path() : probe.url();
    try {
      URI uri = URI.create(url == null || url.isEmpty() ? "/" : url);
      String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
      String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
      boolean named = uri.getPort() > 0 && probe.port() == null;
      if (uri.getPort() > 65_535) {
        throw ReadinessProbe.invalid(field, "names no port");
      }
      return new Answers(
          named ? uri.getPort() : port, (path.startsWith("/") ? path : "/" + path) + query);
    } catch (IllegalArgumentException nonsense) {
      throw ReadinessProbe.invalid(field, "is no address");
    }
  }

  /** Something listens on a port. */
  record Listens(int port) implements Readiness {
    @Override
    public Optional<String> obstacle(NodeClient node, String sandboxId, Duration most) {
      boolean listens =
          node
              .ports()
              .listeningPorts(WorkloadRef.newBuilder().setId(sandboxId).build())
              .getPortsList()
              .stream()
              .anyMatch(listening -> listening.getPort() == port);
      return listens ? Optional.empty() : Optional.of("nothing listens on port " + port);
    }
  }

  /** A command ends with 0. */
  record Succeeds(String command, String directory, String user) implements Readiness {
    private static final long LONGEST_MS = 45_000;
    private static final int SHOWN = 300;

    @Override
    public Optional<String> obstacle(NodeClient node, String sandboxId, Duration most) {
      long ms = Math.clamp(most.toMillis(), 1, LONGEST_MS);
      CommandSpec spec =
          CommandSpec.newBuilder()
              .setShell(command)
              .setCwd(directory)
              .setUser(user)
              .setTimeoutMs(ms)
              .build();
      RunReply reply =
          node.processes()
              .run(RunRequest.newBuilder().setWorkloadId(sandboxId).setCommand(spec).build());
      if (reply.getTimedOut()) {
        return Optional.of("the command did not end within " + ms + " ms");
      }
      return reply.getExitCode() == 0
          ? Optional.empty()
          : Optional.of("the command ended with code " + reply.getExitCode() + said(reply));
    }

    private static String said(RunReply reply) {
      String text = reply.getStderr().toStringUtf8().strip();
      String end = text.length() <= SHOWN ? text : text.substring(text.length() - SHOWN);
      return end.isEmpty() ? "" : ": " + end.replace('\0', ' ');
    }
  }

  /** A GET is answered, not with an error. */
  record Answers(int port, String target) implements Readiness {
    private static final int HEAD = 13;
    private static final long LONGEST_MS = 5_000;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([0-9]{3}).?");

    @Override
    public Optional<String> obstacle(NodeClient node, String sandboxId, Duration most) {
      ForwardRequest forward =
          ForwardRequest.newBuilder().setWorkloadId(sandboxId).setPort(port).build();
      String request =
          "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      long ms = Math.clamp(most.toMillis(), 1, LONGEST_MS);
      try (NodeStream stream = node.redeem(node.ports().openForward(forward))) {
        // An app that never answers must not hold the start up.
        Thread guard = Thread.ofVirtual().start(() -> closeLater(stream, ms));
        try {
          stream.output().write(request.getBytes(StandardCharsets.US_ASCII));
          InputStream in = stream.input();
          return judged(new String(in.readNBytes(HEAD), StandardCharsets.US_ASCII));
        } finally {
          guard.interrupt();
        }
      } catch (IOException | AtollException notYet) {
        return Optional.of(what() + " was not answered");
      }
    }

    private Optional<String> judged(String head) {
      Matcher status = STATUS.matcher(head);
      if (!status.matches()) {
        return Optional.of(what() + " was not answered with HTTP");
      }
      char kind = status.group(1).charAt(0);
      return kind == '2' || kind == '3'
          ? Optional.empty()
          : Optional.of(what() + " was answered with " + status.group(1));
    }

    private String what() {
      return "GET " + target + " on port " + port;
    }

    private static void closeLater(NodeStream stream, long ms) {
      try {
        var _ = new CountDownLatch(1).await(ms, TimeUnit.MILLISECONDS);
        stream.close();
      } catch (InterruptedException answered) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
