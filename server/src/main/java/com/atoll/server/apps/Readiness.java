package com.atoll.server.apps;

import com.atoll.model.AtollException;
import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.ForwardRequest;
import com.atoll.node.v1.RunRequest;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import com.atoll.server.sandboxes.TemplateApp;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Looks whether an app is ready. */
sealed interface Readiness {
  /** One look. */
  boolean isReady(NodeClient node, String sandboxId);

  /**
   * What was asked for, or what is usual.
   *
   * @param app the one of the template, when that is what starts
   */
  static Readiness of(Start.@Nullable Probe probe, int appPort, @Nullable TemplateApp app) {
    if (probe == null) {
      String ready = app == null ? null : app.ready();
      return app == null || ready == null
          ? new Listens(appPort)
          : new Succeeds(ready, app.workdir(), app.user());
    }
    int port = probe.port() == null ? appPort : probe.port();
    String type = probe.type() == null ? "tcp" : probe.type();
    String command = probe.command();
    return switch (type) {
      case "tcp" -> new Listens(port);
      case "http" -> http(probe, port);
      case "command" -> {
        if (command == null || command.isBlank()) {
          throw AtollException.invalid("readiness_probe.command", "is required");
        }
        yield new Succeeds(command, "", "");
      }
      default ->
          throw AtollException.invalid("readiness_probe.type", "must be http, tcp or command");
    };
  }

  private static Readiness http(Start.Probe probe, int port) {
    String url = probe.url() == null ? probe.path() : probe.url();
    try {
      URI uri = URI.create(url == null || url.isEmpty() ? "/" : url);
      String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
      String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
      boolean named = uri.getPort() > 0 && probe.port() == null;
      return new Answers(
          named ? uri.getPort() : port, (path.startsWith("/") ? path : "/" + path) + query);
    } catch (IllegalArgumentException nonsense) {
      throw AtollException.invalid("readiness_probe.url", "is no address");
    }
  }

  /** Something listens on a port. */
  record Listens(int port) implements Readiness {
    @Override
    public boolean isReady(NodeClient node, String sandboxId) {
      return node
          .ports()
          .listeningPorts(WorkloadRef.newBuilder().setId(sandboxId).build())
          .getPortsList()
          .stream()
          .anyMatch(listening -> listening.getPort() == port);
    }
  }

  /** A command ends with 0. */
  record Succeeds(String command, String directory, String user) implements Readiness {
    private static final long LONGEST_MS = 45_000;

    @Override
    public boolean isReady(NodeClient node, String sandboxId) {
      CommandSpec spec =
          CommandSpec.newBuilder()
              .setShell(command)
              .setCwd(directory)
              .setUser(user)
              .setTimeoutMs(LONGEST_MS)
              .build();
      return node.processes()
              .run(RunRequest.newBuilder().setWorkloadId(sandboxId).setCommand(spec).build())
              .getExitCode()
          == 0;
    }
  }

  /** A GET is answered, not with an error. */
  record Answers(int port, String target) implements Readiness {
    private static final int HEAD = 13;

    @Override
    public boolean isReady(NodeClient node, String sandboxId) {
      ForwardRequest forward =
          ForwardRequest.newBuilder().setWorkloadId(sandboxId).setPort(port).build();
      String request =
          "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      try (NodeStream stream = node.redeem(node.ports().openForward(forward))) {
        // An app that never answers must not hold the start up.
        Thread guard = Thread.ofVirtual().start(() -> closeLater(stream));
        stream.output().write(request.getBytes(StandardCharsets.US_ASCII));
        InputStream in = stream.input();
        String head = new String(in.readNBytes(HEAD), StandardCharsets.US_ASCII);
        guard.interrupt();
        return head.matches("HTTP/1\\.[01] [23][0-9][0-9].?");
      } catch (IOException | AtollException notYet) {
        return false;
      }
    }

    private static void closeLater(NodeStream stream) {
      try {
        new java.util.concurrent.CountDownLatch(1).await(5, java.util.concurrent.TimeUnit.SECONDS);
        stream.close();
      } catch (InterruptedException answered) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
