package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.EventStream;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.store.Store;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Many sandboxes with one request. */
final class BatchesApi {
  static final int MOST = 1_000;
  static final int MOST_AT_ONCE = 16;
  private static final int USUALLY_AT_ONCE = 4;
  private static final int USUAL_ITEMS = 100;
  private static final long LOOK_MS = 2_000;

  private final Store store;
  private final BatchStore batches;
  private final BatchDriver driver;
  private final Planner planner;
  private final Owners owners;

  BatchesApi(Store store, BatchStore batches, BatchDriver driver, Planner planner, Owners owners) {
    this.store = store;
    this.batches = batches;
    this.driver = driver;
    this.planner = planner;
    this.owners = owners;
  }

  /** Sandboxes to create. */
  record Create(
      @Doc(value = "How many.", min = 1, max = BatchesApi.MOST) int count,
      @Doc(value = "How many at the same time; default 4.", min = 1, max = BatchesApi.MOST_AT_ONCE)
          @Nullable Integer concurrency,
      @JsonUnwrapped CreateSandbox create) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        declare(Operation.post("/sandboxes/batch"), "batch", "Creates many sandboxes.")
            .scope("sandboxes:create")
            .idempotency(Idempotency.KEY)
            .status(202)
            .errors(
                ErrorCode.TEMPLATE_NOT_FOUND,
                ErrorCode.WORKSPACE_NOT_FOUND,
                ErrorCode.PROJECT_NOT_FOUND,
                ErrorCode.NOT_IMPLEMENTED)
            .request(Create.class)
            .response(Batch.View.class, Envelope.FLAT_MIRROR)
            .handle(this::create),
        declare(
                Operation.get("/sandboxes/batches/:batch_id"),
                "batch_get",
                "Shows how far a batch is.")
            .response(Batch.View.class, Envelope.FLAT_MIRROR)
            .handle(call -> find(call).view()),
        declare(
                Operation.get("/sandboxes/batches/:batch_id/items"),
                "batch_items",
                "Lists what a batch has created.")
            .query("limit", "integer", "How many items at most, up to 1000; default 100.")
            .query("offset", "integer", "How many items to skip.")
            .response(Batch.Items.class, Envelope.FLAT)
            .handle(this::items),
        declare(
                Operation.get("/sandboxes/batches/:batch_id/events"),
                "batch_events",
                "Streams the progress of a batch; the last event is batch_settled.")
            .query("ticket", "A ticket instead of a key, for EventSource.")
            .events()
            .run(this::events),
        declare(
                Operation.post("/sandboxes/batches/:batch_id/cancel"),
                "batch_cancel",
                "Gives up what a batch has not begun; what it has created stays.")
            .scope("sandboxes:write")
            .idempotency(Idempotency.NATURAL)
            .response(Batch.View.class, Envelope.FLAT_MIRROR)
            .handle(this::cancel));
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation
        .id("sandboxes." + name)
        .summary(summary)
        .priority("P2")
        .scope("sandboxes:read")
        .errors(ErrorCode.NOT_FOUND);
  }

  private Batch.View create(Call call, Create body) {
    if (body.create().slug() != null && body.count() > 1) {
      throw AtollException.invalid("slug", "is unique, and this would be many sandboxes");
    }
    if (body.create().volumes() != null && !body.create().volumes().isEmpty()) {
      throw AtollException.invalid("volumes", "are not for a batch: attach them one by one");
    }
    Sandbox.Owner owner = owners.of(call, body.create().ownership());
    // What is wrong with the request is said now, not by every item.
    Plan plan = planner.plan(body.create(), call.principal().org(), owner);
    int concurrency = body.concurrency() == null ? USUALLY_AT_ONCE : body.concurrency();
    String id = Ids.next("bat");
    Batch batch =
        store.transaction(
            call.principal(),
            tx -> {
              batches.insert(
                  tx,
                  id,
                  body.count(),
                  Math.min(concurrency, body.count()),
                  plan.sandbox().templateId(),
                  new BatchStore.Order(body.create(), owner));
              Batch stored = batches.find(tx, id);
              call.idempotentAnswer(tx, stored.view(), id);
              return stored;
            });
    driver.drive(id, batch.org());
    return batch.view();
  }

  private Batch find(Call call) {
    String id = call.path("batch_id");
    return store.transaction(call.principal(), tx -> batches.find(tx, id));
  }

  private Batch.Items items(Call call) {
    int limit = call.queryInt("limit", 1, MOST).orElse(USUAL_ITEMS);
    int offset = call.queryInt("offset", 0, MOST).orElse(0);
    Batch batch = find(call);
    List<Batch.Item> items =
        store.transaction(call.principal(), tx -> batches.items(tx, batch.id(), limit, offset));
    boolean more = offset + items.size() < batch.requested();
    return new Batch.Items(items, new Batch.Meta(batch.requested(), limit, offset, more));
  }

  private Batch.View cancel(Call call) {
    Batch batch = find(call);
    store.execute(
        call.principal(),
        tx -> {
          if (!batches.find(tx, batch.id()).isSettled()) {
            batches.cancel(tx, batch.id());
          }
        });
    driver.changed(batch.id());
    return find(call).view();
  }

  /** Sends how far a batch is, whenever that has changed, until it is settled. */
  private void events(Call call) throws InterruptedException {
    Batch batch = find(call);
    EventStream events = call.events();
    events.onDisconnect(() -> driver.changed(batch.id()));
    Batch.@Nullable View sent = null;
    Batch now = batch;
    while (events.connected()) {
      Batch.View view = now.view();
      if (now.isSettled()) {
        events.send(id(view) + "s", "batch_settled", view);
        return;
      }
      if (!view.equals(sent)) {
        events.send(id(view), "batch_progress", view);
        sent = view;
      }
      driver.await(batch.id(), LOOK_MS);
      now = find(call);
    }
  }

  /** Each event is a whole picture: whoever comes back gets the newest one. */
  private static String id(Batch.View view) {
    return Integer.toString(view.requested() - view.pending());
  }
}
