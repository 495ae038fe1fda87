package com.atoll.server.mcp;

import com.atoll.model.Principal;
import com.atoll.platform.Installation;
import com.atoll.server.authority.Authority;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.EventStream;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Json;
import com.atoll.server.http.Operation;
import com.atoll.server.http.SingleLine;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The Model Context Protocol on one path: each message is a request of its own, without a session.
 */
public final class McpApi implements Capability {
  private static final List<String> VERSIONS = List.of("2025-06-18", "2025-03-26", "2024-11-05");
  private static final String INSTRUCTIONS =
      "Machines for agents: create a sandbox with sandbox_create, run commands in it with"
          + " sandbox_exec, keep its files with sandbox_write_file and sandbox_read_file, show what"
          + " it serves with sandbox_expose, publish it with sandbox_deploy, and end it with"
          + " sandbox_destroy. An answer that names APPROVAL_REQUIRED waits for a person.";

  private final Authority authority;
  private final Supplier<List<Operation<?, ?>>> operations;
  private final ToolCall calls;
  private volatile @Nullable Map<String, Tool> tools;

  /** Tools out of these operations. */
  public McpApi(
      Installation installation, Authority authority, Supplier<List<Operation<?, ?>>> operations) {
    this.authority = authority;
    this.operations = operations;
    calls = new ToolCall(new Loopback(installation.serverSocket()));
  }

  @Override
  public List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>();
    all.add(
        Operation.post("/mcp")
            .id("mcp.message")
            .summary("Takes a message of the Model Context Protocol and answers it.")
            .priority("P2")
            .anyScope()
            .delegable()
            // What a tool does is asked for as its own operation, which is refused by itself.
            .reads()
            .rateExempt()
            .idempotency(Idempotency.NEVER)
            .request(Rpc.class)
            .response(RpcAnswer.class, Envelope.FLAT)
            .run(this::answer));
    all.add(
        Operation.get("/mcp")
            .id("mcp.listen")
            .summary(
                "Listens for messages of the server; without a stream it says how many tools there"
                    + " are.")
            .priority("P3")
            .anyScope()
            .delegable()
            .rateExempt()
            .events()
            .run(this::listen));
    all.add(
        Operation.delete("/mcp")
            .id("mcp.close")
            .summary(
                "Ends a session of the Model Context Protocol, which this server does not keep.")
            .priority("P3")
            .anyScope()
            .delegable()
            .reads()
            .rateExempt()
            .idempotency(Idempotency.NATURAL)
            .run(call -> {}));
    return all;
  }

  private Map<String, Tool> tools() {
    Map<String, Tool> known = tools;
    if (known == null) {
      known = new LinkedHashMap<>();
      for (Operation<?, ?> operation : operations.get()) {
        String name = authority.tool(operation.declaration().id());
        if (name != null && Tool.canBe(operation.declaration())) {
          known.put(name, new Tool(name, operation.declaration()));
        }
      }
      tools = known;
    }
    return known;
  }

  private List<Tool> toolsOf(Principal principal) {
    return tools().values().stream()
        .filter(tool -> {
          String scope = tool.operation().scope();
          boolean may = !principal.standing().readOnly() || !tool.operation().acts();
          return may && (scope == null || principal.allows(scope));
        })
        .toList();
  }

  private void answer(Call call, Rpc message) throws IOException {
    if (message.id() == null && message.method().startsWith("notifications/")) {
      call.setStatus(202);
      call.respond(Map.of(), Envelope.FLAT);
      return;
    }
    RpcAnswer answer = answered(call, message);
    String accept = call.header("Accept");
    if (accept == null || accept.contains("json") || accept.contains("*/*")) {
      call.respond(answer, Envelope.FLAT);
      return;
    }
    try (OutputStream out = call.raw("text/event-stream", OptionalLong.empty(), Map.of())) {
      String data = SingleLine.of(Json.MAPPER.writeValueAsString(answer));
      String frame = "event: message\ndata: " + data + "\n\n";
      out.write(frame.getBytes(StandardCharsets.UTF_8));
    }
  }

  private RpcAnswer answered(Call call, Rpc message) {
    Object id = message.id();
    Map<String, Object> params = message.params() == null ? Map.of() : message.params();
    return switch (message.method()) {
      case "initialize" -> RpcAnswer.of(id, initialized(params));
      case "ping" -> RpcAnswer.of(id, Map.of());
      case "tools/list" ->
          RpcAnswer.of(
              id, Map.of("tools", toolsOf(call.principal()).stream().map(Tool::view).toList()));
      case "tools/call" -> called(call, id, params);
      default -> RpcAnswer.error(id, -32_601, "there is no method " + message.method());
    };
  }

  private static Map<String, Object> initialized(Map<String, Object> params) {
    String asked = String.valueOf(params.get("protocolVersion"));
    return Map.of(
        "protocolVersion",
        VERSIONS.contains(asked) ? asked : VERSIONS.getFirst(),
        "capabilities",
        Map.of("tools", Map.of()),
        "serverInfo",
        Map.of("name", "atoll", "version", "0.1.0"),
        "instructions",
        INSTRUCTIONS);
  }

  private RpcAnswer called(Call call, @Nullable Object id, Map<String, Object> params) {
    Tool tool = tools().get(String.valueOf(params.get("name")));
    if (tool == null) {
      return RpcAnswer.error(id, -32_602, "there is no tool " + params.get("name"));
    }
    Map<String, Object> arguments = new LinkedHashMap<>();
    if (params.get("arguments") instanceof Map<?, ?> given) {
      given.forEach((name, value) -> arguments.put(String.valueOf(name), value));
    }
    return RpcAnswer.of(id, calls.run(call, tool, arguments));
  }

  private void listen(Call call) throws InterruptedException {
    if (!call.wantsEvents()) {
      call.respond(
          Map.of("status", "ok", "tools", toolsOf(call.principal()).size()), Envelope.FLAT);
      return;
    }
    CountDownLatch gone = new CountDownLatch(1);
    EventStream stream = call.events();
    stream.onDisconnect(gone::countDown);
    gone.await();
  }
}
