package com.atoll.server.docs;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Json;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Registry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** Serves the reference. */
public final class DocsApi implements Capability {
  private final Supplier<Registry> registry;

  /** The reference of a registry, which itself holds these operations. */
  public DocsApi(Supplier<Registry> registry) {
    this.registry = registry;
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return List.of(
        page("/openapi.json", "docs.openapi", "The OpenAPI document.", "application/json")
            .run(call -> send(call, "application/json", document())),
        page("/docs", "docs.reference", "The reference.", "text/html")
            .run(call -> html(call, Pages.reference(registry.get()))),
        page("/docs/errors", "docs.errors", "All errors.", "text/html")
            .run(call -> html(call, Pages.errors())),
        page("/docs/errors/:code", "docs.error", "One error.", "text/html")
            .run(call -> html(call, error(call))));
  }

  private static OperationBuilder<NoBody, NoBody> page(
      String path, String id, String summary, String type) {
    return Operation.get(path)
        .id(id)
        .summary(summary)
        .priority("P1")
        .anyone()
        .root()
        .hidden()
        .raw(type);
  }

  private byte[] document() {
    return Json.MAPPER.writeValueAsBytes(OpenApi.of(registry.get()));
  }

  private static String error(Call call) {
    return Pages.error(call.rawPath("code"))
        .orElseThrow(() -> AtollException.of(ErrorCode.NOT_FOUND, "error of that name"));
  }

  private static void html(Call call, String page) throws IOException {
    call.setHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    send(call, "text/html; charset=utf-8", page.getBytes(StandardCharsets.UTF_8));
  }

  private static void send(Call call, String type, byte[] body) throws IOException {
    try (OutputStream out = call.raw(type, OptionalLong.of(body.length), Map.of())) {
      out.write(body);
    }
  }
}
