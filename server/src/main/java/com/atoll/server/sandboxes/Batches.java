package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.http.Closing;
import com.atoll.server.http.Json;
import com.atoll.server.http.Page;
import com.atoll.server.identity.Places;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Event;
import com.atoll.server.store.SqlFaults;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Creates many sandboxes for one request, some at a time. The rows say what is still to be done, so
 * a server that starts again goes on.
 */
final class Batches {
  private static final Logger LOG = LoggerFactory.getLogger(Batches.class);
  private static final long LONGEST_PAUSE_MS = 15_000;

  /** An item that waits for a machine or for room is tried again for about four minutes. */
  private static final int LAST_ROUND = 20;

  private final Store store;
  private final Vault vault;
  private final Planner planner;
  private final Creation creation;
  private final Rows rows;
  private final TemplateBook templates;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long changes;
  private final Set<String> underway = ConcurrentHashMap.newKeySet();
  private final Closing closing = new Closing();

  Batches(
      Store store,
      Vault vault,
      Planner planner,
      Creation creation,
      Rows rows,
      TemplateBook templates) {
    this.templates = templates;
    this.store = store;
    this.vault = vault;
    this.planner = planner;
    this.creation = creation;
    this.rows = rows;
  }

  /** Stores what is asked for and begins; what is wrong with it is said now. */
  Batch start(
      Call call, BatchApi.NewBatch asked, Sandbox.Owner owner, BiConsumer<Tx, Batch> after) {
    Principal principal = call.principal();
    Plan probe = planner.plan(asked.create(), principal, owner, null);
    templates.requireKnown(probe.sandbox().templateId());
    String longest = asked.create().name();
    if (longest != null) {
      numbered(longest, asked.count(), asked.count());
    }
    String id = Ids.next(Batch.PREFIX);
    ObjectNode request = Json.MAPPER.createObjectNode();
    request.set("create", call.json());
    request.set("owner", Json.MAPPER.valueToTree(owner));
    byte[] bytes = Json.MAPPER.writeValueAsBytes(request);
    Batch started =
        store.transaction(
            principal,
            tx -> {
              Places.hold(tx, owner.workspaceId(), owner.projectId());
              BatchTable.insert(
                  tx,
                  id,
                  asked.count(),
                  asked.concurrencyOrUsual(),
                  probe.sandbox().templateId(),
                  vault.seal(tx, id, "request", bytes),
                  owner);
              Batch stored = BatchTable.find(tx, id).orElseThrow();
              after.accept(tx, stored);
              return stored;
            });
    begin(started);
    return started;
  }

  /** Goes on with what an earlier process of the server did not finish. */
  void resume() {
    store.system(BatchTable::running).forEach(this::begin);
  }

  void close() {
    closing.close();
  }

  Batch require(Principal principal, String id) {
    requireAll(principal, id);
    return store.transaction(principal, tx -> require(tx, id));
  }

  Page<Batch.Item> items(Call call, String id) {
    requireAll(call.principal(), id);
    return store.transaction(
        call.principal(), tx -> BatchTable.items(tx, require(tx, id).id(), call.paging()));
  }

  /** Creates no more; what was created stays. */
  Batch cancel(Principal principal, String id) {
    requireAll(principal, id);
    Batch cancelled =
        store.transaction(
            principal,
            tx -> {
              Batch batch = require(tx, id);
              if (BatchTable.cancel(tx, id)) {
                tell(tx, batch.id());
              }
              return require(tx, id);
            });
    signal();
    return cancelled;
  }

  /** A batch is none of the sandboxes that a token may be for. */
  private static void requireAll(Principal principal, String id) {
    if (principal.sandboxes() != null) {
      throw missing(id);
    }
  }

  /** The number of changes so far; a reader looks when it is another one. */
  long changes() {
    lock.lock();
    try {
      return changes;
    } finally {
      lock.unlock();
    }
  }

  /** Waits a while for a change after the last one that was seen. */
  void await(long seen) {
    lock.lock();
    try {
      long left = TimeUnit.SECONDS.toNanos(5);
      while (changes == seen && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private void signal() {
    lock.lock();
    try {
      changes++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Once: one that is asked for while the server starts is among those that it goes on with. */
  private void begin(Batch batch) {
    if (!underway.add(batch.id())) {
      return;
    }
    Thread.ofVirtual()
        .name("batch-" + batch.id())
        .start(() -> {
          try {
            workToTheEnd(batch);
          } catch (RuntimeException failed) {
            LOG.warn("Batch {} goes on when the server starts again.", batch.id(), failed);
          } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
          } finally {
            underway.remove(batch.id());
          }
        });
  }

  /** What a restart of the database or of a machine cut off is tried again. */
  private void workToTheEnd(Batch batch) throws InterruptedException {
    Course course = new Course();
    for (int round = 0; !closing.within(pauseMs(round)); round++) {
      course.last = round >= LAST_ROUND;
      course.waits = false;
      try {
        if (work(batch, course)) {
          return;
        }
      } catch (RuntimeException e) {
        if (!SqlFaults.isAway(e)) {
          throw e;
        }
        LOG.info("Batch {} waits for the database.", batch.id());
      }
    }
  }

  /** How it goes for a batch. */
  private static final class Course {
    /** Whether this is the last time that its items are tried. */
    private volatile boolean last;

    /** Whether an item waits for what the others need too: the round is over. */
    private volatile boolean waits;

    /**
     * Whether one was refused: the next ones claim before they have a row that others are told of.
     */
    private volatile boolean refused;
  }

  private static long pauseMs(int round) {
    return round == 0 ? 0 : Math.min(250L << Math.min(round, 10), LONGEST_PAUSE_MS);
  }

  /** Tries what is pending; true when the batch is over. */
  private boolean work(Batch batch, Course course) throws InterruptedException {
    if (isOver(batch)) {
      return true;
    }
    JsonNode request = store.find(batch.org(), tx -> request(tx, batch.id()));
    if (request == null) {
      // It was cancelled since.
      return true;
    }
    Sandbox.Owner owner = Json.MAPPER.treeToValue(request.path("owner"), Sandbox.Owner.class);
    List<Integer> pending =
        store.transaction(batch.org(), tx -> BatchTable.pending(tx, batch.id()));
    int concurrency = batch.view().concurrency();
    Semaphore slots = new Semaphore(concurrency);
    try {
      for (int number : pending) {
        if (closing.within(0) || isOver(batch)) {
          break;
        }
        slots.acquire();
        if (course.waits) {
          slots.release();
          break;
        }
        Thread.ofVirtual()
            .start(() -> {
              try {
                one(batch, request.path("create"), owner, number, course);
              } finally {
                slots.release();
              }
            });
      }
    } finally {
      slots.acquireUninterruptibly(concurrency);
    }
    if (!closing.within(0)) {
      store.execute(
          batch.org(),
          tx -> {
            if (BatchTable.complete(tx, batch.id())) {
              tell(tx, batch.id());
            }
          });
    }
    signal();
    return closing.within(0) || isOver(batch);
  }

  private @Nullable JsonNode request(Tx tx, String id) {
    byte[] sealed = BatchTable.request(tx, id);
    return sealed == null ? null : Json.MAPPER.readTree(vault.open(tx, id, "request", sealed));
  }

  private boolean isOver(Batch batch) {
    return store
        .transaction(batch.org(), tx -> BatchTable.find(tx, batch.id()))
        .map(Batch::isOver)
        .orElse(true);
  }

  private void one(Batch batch, JsonNode request, Sandbox.Owner owner, int number, Course course) {
    boolean failFast = false;
    try {
      ObjectNode asked = ((ObjectNode) request).deepCopy();
      if (asked.hasNonNull("name")) {
        asked.put(
            "name", numbered(asked.path("name").asString(), number, batch.view().requested()));
      }
      Plan plan = planner.plan(Json.bind(CreateSandbox.class, asked), batch.org(), owner);
      failFast = plan.failFast();
      var _ =
          creation.create(
              plan,
              course.refused,
              () ->
                  store.execute(
                      batch.org(),
                      tx -> {
                        BatchTable.take(tx, batch.id(), number, plan.sandbox().id());
                        rows.insert(tx, plan);
                      }));
    } catch (BatchTable.NotPendingException gone) {
      LOG.debug("Item {} of batch {} is not pending any more.", number, batch.id(), gone);
    } catch (RuntimeException failed) {
      course.refused = true;
      boolean waits = isWaitedFor(failed) && !failFast;
      if ((waits || passes(failed)) && (!course.last || closing.within(0))) {
        if (waits) {
          course.waits = true;
        }
        again(batch, number);
      } else if (!SqlFaults.isAway(failed)) {
        failed(batch, number, failed);
      }
    } finally {
      signal();
    }
  }

  /** Whether something was away that comes back: trying again helps, though not without an end. */
  private static boolean passes(RuntimeException failure) {
    return failure instanceof AtollException refused
        && switch (refused.code()) {
          case NODE_UNAVAILABLE, DATABASE_UNAVAILABLE -> true;
          default -> false;
        };
  }

  /** Whether what is missing may come about: who wants it at once is told that it is not there. */
  private static boolean isWaitedFor(RuntimeException failure) {
    return failure instanceof AtollException refused
        && switch (refused.code()) {
          case NO_CAPACITY, TEMPLATE_BUILDING -> true;
          default -> false;
        };
  }

  private void again(Batch batch, int number) {
    try {
      store.execute(batch.org(), tx -> BatchTable.again(tx, batch.id(), number));
    } catch (RuntimeException e) {
      LOG.warn("Item {} of batch {} could not be put back.", number, batch.id(), e);
    }
  }

  /** What one of so many is called. */
  private static String numbered(String name, int number, int count) {
    if (count == 1) {
      return name;
    }
    String numbered = name + "-" + number;
    if (numbered.length() > Bounds.LONGEST_NAME) {
      throw AtollException.invalid(
          "name",
          "must be at most " + Bounds.LONGEST_NAME + " characters with -" + count + " behind");
    }
    return numbered;
  }

  private void failed(Batch batch, int number, RuntimeException failure) {
    AtollException told = AtollException.told(failure);
    if (told != failure) {
      LOG.warn("Sandbox {} of batch {} could not be created.", number, batch.id(), failure);
    }
    try {
      store.execute(
          batch.org(),
          tx -> BatchTable.fail(tx, batch.id(), number, told.code().code(), told.getMessage()));
    } catch (RuntimeException e) {
      LOG.warn("That item {} of batch {} failed could not be stored.", number, batch.id(), e);
    }
  }

  private static void tell(Tx tx, String id) {
    Batch batch = require(tx, id);
    Batch.View now = batch.view();
    tx.event(
        new Event(
            "sandbox_batch." + now.status(),
            "sandbox_batch",
            id,
            2,
            batch.workspace(),
            null,
            null,
            batch.externalUser(),
            null,
            Map.of("completed", now.completed(), "failed", now.failed())));
  }

  private static Batch require(Tx tx, String id) {
    return BatchTable.find(tx, id).orElseThrow(() -> missing(id));
  }

  private static AtollException missing(String id) {
    return AtollException.of(ErrorCode.NOT_FOUND, "batch " + id);
  }
}
