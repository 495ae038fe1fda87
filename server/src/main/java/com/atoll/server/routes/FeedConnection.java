package com.atoll.server.routes;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One connected gateway: a thread that writes what changed, and one that reads what it asks. */
final class FeedConnection {
  private static final Logger LOG = LoggerFactory.getLogger(FeedConnection.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int LONGEST_LINE = 1 << 20;

  /** A gateway this far behind is cut off; it comes back for a snapshot. */
  private static final int LONGEST_QUEUE = 100_000;

  private static final int PING_SECONDS = 5;

  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Line(
      String type,
      @Nullable Long version,
      @Nullable String epoch,
      @Nullable List<Route> routes,
      @Nullable Route route,
      @Nullable String key) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record WokenLine(
      String type,
      String request,
      boolean ok,
      @Nullable String address,
      @Nullable Long incarnation,
      @Nullable String code,
      @Nullable String message) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record GrantedLine(
      String type,
      String request,
      boolean ok,
      @JsonProperty("expires_unix_ms") long expiresUnixMs,
      @JsonProperty("until_unix_ms") long untilUnixMs,
      @Nullable String cookie,
      @JsonProperty("read_only") boolean readOnly) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record InjectedLine(
      String type,
      String request,
      boolean ok,
      @Nullable String header,
      @Nullable String value,
      @JsonProperty("expires_unix_ms") long expiresUnixMs) {}

  private record CountedLine(String type, String run, long sequence) {}

  private record WrittenLine(String type) {}

  private record BrowsedLine(String type, String request, String path) {}

  private record ListensLine(String type, String request, boolean ok) {}

  private final SocketChannel channel;
  private final Routes routes;
  private final RouteRequests requests;
  private final String epoch;
  private final BlockingQueue<Object> outgoing = new LinkedBlockingQueue<>(LONGEST_QUEUE);
  private Routes.@Nullable Follower follower;

  FeedConnection(SocketChannel channel, Routes routes, RouteRequests requests, String epoch) {
    this.channel = channel;
    this.routes = routes;
    this.requests = requests;
    this.epoch = epoch;
  }

  void start(Runnable ended) {
    Routes.Snapshot snapshot = routes.follow(this::changed, registered -> follower = registered);
    Thread.ofVirtual().name("feed-write").start(() -> write(snapshot));
    Thread.ofVirtual()
        .name("feed-read")
        .start(() -> {
          try {
            read();
          } finally {
            leave();
            ended.run();
          }
        });
  }

  void close() {
    try {
      channel.close();
    } catch (IOException gone) {
      LOG.debug("The gateway's connection was gone already.", gone);
    }
  }

  private void leave() {
    close();
    Routes.Follower registered = follower;
    if (registered != null) {
      routes.leave(registered);
    }
  }

  private void changed(Routes.Change change) {
    Route route = change.route();
    send(
        route == null
            ? new Line("remove", change.version(), null, null, null, change.key())
            : new Line("upsert", change.version(), null, null, route, null));
  }

  private void send(Object line) {
    if (!outgoing.offer(line)) {
      LOG.warn("A gateway does not keep up with the feed; it is cut off.");
      close();
    }
  }

  private void write(Routes.Snapshot snapshot) {
    try (OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 64 << 10)) {
      writeLine(
          out, new Line("snapshot", snapshot.version(), epoch, snapshot.routes(), null, null));
      // Before any calls: they will be answered in this way.
      writeLine(out, new WrittenLine("written"));
      while (channel.isOpen()) {
        Object next = outgoing.poll(PING_SECONDS, TimeUnit.SECONDS);
        writeLine(out, next == null ? new Line("ping", null, null, null, null, null) : next);
        List<Object> more = new ArrayList<>();
        outgoing.drainTo(more);
        for (Object line : more) {
          writeLine(out, line);
        }
        out.flush();
      }
    } catch (IOException | InterruptedException gone) {
      LOG.debug("A gateway left the feed.", gone);
    } finally {
      close();
    }
  }

  private static void writeLine(OutputStream out, Object line) throws IOException {
    out.write(JSON.writeValueAsBytes(line));
    out.write('\n');
    if (!(line instanceof Line change) || change.routes() != null) {
      out.flush();
    }
  }

  private void read() {
    try (InputStream in = new BufferedInputStream(Channels.newInputStream(channel), 64 << 10)) {
      byte[] line = FeedLines.next(in, LONGEST_LINE);
      while (line != null) {
        handle(JSON.readTree(line));
        line = FeedLines.next(in, LONGEST_LINE);
      }
    } catch (IOException | JacksonException gone) {
      LOG.debug("A gateway left the feed.", gone);
    }
  }

  private void handle(JsonNode message) {
    String request = message.path("request").asString("");
    String sandboxId = message.path("sandbox_id").asString("");
    switch (message.path("type").asString("")) {
      case "ack", "pong" -> acknowledge(message.path("version").asLong(0));
      case "wake" -> answer(() -> send(woken(request, requests.wake(sandboxId))));
      case "grant" -> {
        int port = message.path("port").asInt(0);
        String token = message.path("token").asString("");
        answer(() -> send(granted(request, requests.grant(sandboxId, port, token))));
      }
      case "traffic" -> {
        TrafficReport report = TrafficReport.read(message);
        answer(() -> {
          requests.traffic(report);
          send(new CountedLine("counted", report.run(), report.sequence()));
        });
      }
      case "browser" ->
          answer(() -> send(new BrowsedLine("browsed", request, requests.browser(sandboxId))));
      case "listens" -> {
        int port = message.path("port").asInt(0);
        answer(() -> send(new ListensLine("listens", request, requests.listens(sandboxId, port))));
      }
      case "activity" -> {
        List<String> ids = new ArrayList<>();
        message.path("sandbox_ids").forEach(id -> ids.add(id.asString("")));
        answer(() -> requests.activity(ids));
      }
      case "secret" -> {
        String secretId = message.path("secret_id").asString("");
        answer(() -> send(injected(request, requests.secret(secretId, sandboxId))));
      }
      case "hello" -> {
        String authority = message.path("egress_authority").asString("");
        answer(() -> requests.authority(authority));
      }
      case "egress" -> {
        List<RouteRequests.EgressCall> calls = new ArrayList<>();
        message.path("calls").forEach(call -> calls.add(call(call)));
        answer(() -> {
          try {
            requests.egress(calls);
          } finally {
            send(new WrittenLine("written"));
          }
        });
      }
      default -> LOG.debug("The gateway sent a message of an unknown type.");
    }
  }

  private static RouteRequests.EgressCall call(JsonNode call) {
    return new RouteRequests.EgressCall(
        text(call, "sandbox_id", 128),
        call.path("at_unix_ms").asLong(0),
        text(call, "action", 16),
        text(call, "effect", 16),
        text(call, "protocol", 16),
        text(call, "host", 253),
        text(call, "method", 32),
        text(call, "path", 512),
        call.path("status").asInt(0),
        text(call, "reason", 64),
        text(call, "policy_id", 128),
        text(call, "rule_id", 128),
        Math.max(0, call.path("unlogged").asLong(0)),
        0);
  }

  /** What a gateway writes down was said by a sandbox: bounded, and without NUL. */
  private static String text(JsonNode call, String field, int most) {
    String text = call.path(field).asString("").replace("\0", "");
    return text.length() <= most ? text : text.substring(0, most);
  }

  private void acknowledge(long version) {
    Routes.Follower registered = follower;
    if (registered != null) {
      routes.acknowledge(registered, version);
    }
  }

  private static void answer(Runnable work) {
    Thread.ofVirtual().name("feed-request").start(work);
  }

  private static WokenLine woken(String request, RouteRequests.Woken woken) {
    return new WokenLine(
        "woken",
        request,
        woken.ok(),
        woken.address(),
        woken.ok() ? woken.incarnation() : null,
        woken.code(),
        woken.message());
  }

  private static InjectedLine injected(String request, RouteRequests.Injected injected) {
    return new InjectedLine(
        "injected",
        request,
        injected.ok(),
        injected.header(),
        injected.value(),
        injected.expiresUnixMs());
  }

  private static GrantedLine granted(String request, RouteRequests.Granted granted) {
    return new GrantedLine(
        "granted",
        request,
        granted.ok(),
        granted.expiresUnixMs(),
        granted.untilUnixMs(),
        granted.cookie(),
        granted.readOnly());
  }
}
