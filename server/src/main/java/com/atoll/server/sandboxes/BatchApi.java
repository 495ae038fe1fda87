package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.EventStream;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Many sandboxes at once. */
final class BatchApi {
  private static final int USUAL_CONCURRENCY = 8;

  private final Batches batches;
  private final Owners owners;

  BatchApi(Batches batches, Owners owners) {
    this.batches = batches;
    this.owners = owners;
  }

  /** What all of them are to be. */
  record NewBatch(
      @Doc(value = "How many.", min = 1, max = 1000) Integer count,
      @Doc(value = "How many at a time; default 8.", min = 1, max = 50)
          @Nullable Integer concurrency,
      @JsonUnwrapped CreateSandbox create) {
    NewBatch {
      if (create.slug() != null) {
        throw AtollException.invalid("slug", "must be absent: each sandbox has its own");
      }
      if (create.attachesVolumes()) {
        throw AtollException.invalid("volumes", "must be absent: attach them to each sandbox");
      }
    }

    int concurrencyOrUsual() {
      return concurrency == null ? USUAL_CONCURRENCY : concurrency;
    }
  }

  /** Where a page stands. */
  record Meta(
      @Doc("How many there are.") long total,
      @Doc("Number of the page, from 1.") int page,
      @Doc("How many a page has at most.") int perPage,
      @Doc("Same as per_page.") int pageSize,
      @Doc("Same as the next_cursor beside it.") @Nullable String nextCursor,
      @Doc("Whether there are more.") boolean hasMore) {}

  /** A page of sandboxes of a batch: clients look for the next one beside the items. */
  record Items(
      @Doc("Sandboxes, in the order of the batch.") List<Batch.Item> data,
      @Doc("Where the page stands.") Meta meta,
      @Doc("Where the next page begins; null on the last.") @Nullable String nextCursor) {

    static Items of(Page<Batch.Item> page, Paging paging) {
      String next = page.nextCursor();
      Meta meta =
          new Meta(page.total(), paging.page(), paging.limit(), paging.limit(), next, next != null);
      return new Items(page.items(), meta, next);
    }
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.post("/sandboxes/batch")
            .id("sandboxes.batch")
            .summary("Creates many sandboxes in the background.")
            .priority("P2")
            .scope("sandboxes:create")
            .idempotency(Idempotency.KEY)
            .status(202)
            .errors(
                ErrorCode.WORKSPACE_NOT_FOUND,
                ErrorCode.PROJECT_NOT_FOUND,
                ErrorCode.TEMPLATE_NOT_FOUND,
                ErrorCode.TEMPLATE_NOT_READY,
                ErrorCode.PLAN_CAP_EXCEEDED,
                ErrorCode.NOT_IMPLEMENTED,
                ErrorCode.NODE_UNAVAILABLE)
            .request(NewBatch.class)
            .besides(CreateSandbox.EXEC, asked -> asked.create().runsCommands())
            .response(Batch.View.class, Envelope.DATA)
            .handle(this::create),
        one(Operation.get("/sandboxes/batches/:batch_id"), "get", "Shows how far a batch is.")
            .scope("sandboxes:read")
            .response(Batch.View.class, Envelope.DATA)
            .handle(call -> batches.require(call.principal(), call.path("batch_id")).view()),
        one(
                Operation.get("/sandboxes/batches/:batch_id/items"),
                "items",
                "Lists what a batch has created, in its order.")
            .scope("sandboxes:read")
            .paged()
            .usualLimit(Paging.UNASKED)
            .response(Items.class, Envelope.FLAT)
            .handle(call -> Items.of(batches.items(call, call.path("batch_id")), call.paging())),
        one(
                Operation.post("/sandboxes/batches/:batch_id/cancel"),
                "cancel",
                "Creates no more sandboxes of a batch; those that exist stay.")
            .scope("sandboxes:write")
            .idempotency(Idempotency.NATURAL)
            .response(Batch.View.class, Envelope.DATA)
            .handle(call -> batches.cancel(call.principal(), call.path("batch_id")).view()),
        one(
                Operation.get("/sandboxes/batches/:batch_id/events"),
                "events",
                "Streams the progress of a batch until it is over.")
            .scope("sandboxes:read")
            .query("ticket", "A ticket instead of a key, for EventSource.")
            .events()
            .run(this::follow));
  }

  private static OperationBuilder<NoBody, NoBody> one(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation
        .id("sandboxes.batch_" + name)
        .summary(summary)
        .priority("P2")
        .errors(ErrorCode.NOT_FOUND);
  }

  private Batch.View create(Call call, NewBatch body) {
    Sandbox.Owner owner = owners.of(call, body.create().ownership());
    return batches
        .start(
            call,
            body,
            owner,
            (tx, started) -> call.idempotentAnswer(tx, started.view(), started.id()))
        .view();
  }

  private void follow(Call call) {
    String id = call.path("batch_id");
    Batch batch = batches.require(call.principal(), id);
    EventStream events = call.events();
    long seen = batches.changes();
    Batch.View shown = batch.view();
    events.send("batch.progress", shown);
    while (!batch.isOver() && events.connected()) {
      batches.await(seen);
      seen = batches.changes();
      batch = batches.require(call.principal(), id);
      if (!batch.view().equals(shown)) {
        shown = batch.view();
        events.send("batch.progress", shown);
      }
    }
    events.send("batch." + shown.status(), shown);
  }
}
