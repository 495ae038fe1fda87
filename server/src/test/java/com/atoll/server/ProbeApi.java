package com.atoll.server;

import com.atoll.server.http.Capability;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.EventStream;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import com.atoll.server.http.WebSocket;
import com.atoll.server.store.Store;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Operations that exist for tests: they use what capabilities use. */
final class ProbeApi implements Capability {
  final AtomicInteger executions = new AtomicInteger();
  final AtomicInteger replays = new AtomicInteger();
  final CountDownLatch left = new CountDownLatch(1);
  private @Nullable Store store;

  record Thing(@Doc("A number.") int number, @Doc("Labels.") List<String> tags) {}

  record NewThing(@Doc("A label.") @Nullable String label) {}

  void use(Store given) {
    store = given;
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return List.of(
        Operation.post("/probe/things")
            .id("probe.create")
            .summary("Counts executions.")
            .priority("P4")
            .anyScope()
            .idempotency(Idempotency.KEY)
            .request(NewThing.class)
            .response(Thing.class, Envelope.FLAT_MIRROR)
            .status(201)
            .onReplay((call, answer) -> replays.incrementAndGet())
            .handle((call, body) -> {
              Store s = store;
              if (s == null) {
                throw new IllegalStateException("no store");
              }
              return s.transaction(
                  call.principal(),
                  tx -> {
                    Thing thing = new Thing(executions.incrementAndGet(), List.of("a"));
                    tx.event(
                        "probe.created",
                        "probe",
                        "prb_1",
                        thing.number(),
                        Map.of("n", thing.number()));
                    call.idempotentAnswer(tx, thing, "prb_1");
                    return thing;
                  });
            }),
        Operation.get("/probe/stream")
            .id("probe.stream")
            .summary("Streams until the client has gone.")
            .priority("P4")
            .anyScope()
            .events()
            .run(call -> {
              EventStream stream = call.events();
              stream.onDisconnect(left::countDown);
              stream.send("1", "hello", Map.of("x", 1));
              left.await();
            }),
        Operation.post("/probe/echo")
            .id("probe.echo")
            .summary("Returns the bytes it got.")
            .priority("P4")
            .anyScope()
            .idempotency(Idempotency.NEVER)
            .rawRequest(1L << 40)
            .raw("application/octet-stream")
            .run(call -> {
              try (InputStream in = call.body();
                  OutputStream out =
                      call.raw("application/octet-stream", OptionalLong.empty(), Map.of())) {
                in.transferTo(out);
              }
            }),
        Operation.get("/probe/socket")
            .id("probe.socket")
            .summary("Answers each message with the same.")
            .priority("P4")
            .anyScope()
            .webSocket()
            .run(call ->
                call.webSocket(
                    List.of("probe-v1"),
                    socket -> {
                      for (WebSocket.Message m = socket.receive();
                          m != null;
                          m = socket.receive()) {
                        switch (m) {
                          case WebSocket.Text text -> socket.send(text.text());
                          case WebSocket.Binary binary ->
                              socket.send(ByteBuffer.wrap(binary.bytes()));
                        }
                      }
                    })),
        Operation.get("/probe/fault")
            .id("probe.fault")
            .summary("Fails by a defect.")
            .priority("P4")
            .anyScope()
            .response(Thing.class, Envelope.FLAT)
            .handle(call -> {
              throw new IllegalStateException("a defect, on purpose");
            }));
  }
}
