package com.atoll.server.snapshots;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.SandboxState;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.identity.Identity;
import com.atoll.server.sandboxes.CreateWish;
import com.atoll.server.sandboxes.Forks;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.store.Store;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Names that pin snapshots. */
final class NamesApi {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

  private final Store store;
  private final Identity identity;
  private final Forks forks;
  private final Snapshots snapshots;
  private final SnapshotStore table = new SnapshotStore();
  private final NameStore names = new NameStore();

  NamesApi(Store store, Identity identity, Forks forks, Snapshots snapshots) {
    this.store = store;
    this.identity = identity;
    this.forks = forks;
    this.snapshots = snapshots;
  }

  /** A name to give. */
  record NewName(
      @Doc("Letters, digits, dots, dashes and underscores; begins with a letter or a digit.")
          String name,
      @Doc("A snapshot that is ready.") @Nullable String snapshotId,
      @Doc("A sandbox of which one is taken.") @Nullable String sandboxId,
      @Doc("A computer of which one is taken.") @Nullable String computerId,
      @Doc("Ignored: a snapshot is in the workspace of its machine.")
          @Nullable String workspaceId) {}

  /** A name and what it pins. */
  record NameView(
      @Doc("The name.") String name,
      @Doc("Status: saving, ready or failed.") String status,
      @Doc("The snapshot that it pins.") String snapshotId,
      @Doc("The snapshot that it pins.") SnapshotView snapshot,
      @Doc("The machine that it was taken of.") SnapshotView.Resource resource,
      @Doc("Workspace.") String workspaceId,
      @Doc("Bytes that its files take on disk.") @Nullable Long sizeBytes,
      @Doc("When the name was given.") Instant createdAt) {}

  /** What names cost. */
  record Allowance(
      @Doc("How many names there are.") int used,
      @Doc("How many there may be; null for any number.") @Nullable Integer limit,
      @Doc("What each costs.") int chargeCents) {}

  /** All names. */
  record NameList(
      @Doc("Names.") List<NameView> data, @Doc("What names cost.") Allowance allowance) {}

  /** What became of the snapshot of a deleted name. */
  record Outcome(
      @Doc(
              "released: it is part of the history again; deleted: it was taken for the name only, or its time"
                  + " is over.")
          String outcome,
      @Doc("The snapshot.") String snapshotId) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        declare(Operation.get("/named-snapshots"), "list", "Lists the names of snapshots.")
            .scope("sandboxes:read")
            .query("workspace_id", "Only those of this workspace.")
            .response(NameList.class, Envelope.FLAT)
            .handle(this::list),
        declare(
                Operation.post("/named-snapshots"),
                "create",
                "Gives a name to a snapshot, or to one that is taken for it.")
            .scope("sandboxes:write")
            .idempotency(Idempotency.KEY)
            .errors(
                ErrorCode.NAME_TAKEN,
                ErrorCode.SNAPSHOT_ALREADY_NAMED,
                ErrorCode.SNAPSHOT_NOT_READY,
                ErrorCode.NO_SNAPSHOT_AVAILABLE,
                ErrorCode.SANDBOX_NOT_FOUND,
                ErrorCode.NOT_FOUND,
                ErrorCode.NODE_UNAVAILABLE)
            .request(NewName.class)
            .response(NameView.class, Envelope.DATA)
            .status(201)
            .onReplay(this::replay)
            .handle(this::create),
        declare(Operation.get("/named-snapshots/:name"), "get", "Shows a name.")
            .scope("sandboxes:read")
            .errors(ErrorCode.NOT_FOUND)
            .response(NameView.class, Envelope.DATA)
            .handle(call -> view(require(call))),
        declare(
                Operation.delete("/named-snapshots/:name"),
                "delete",
                "Removes a name, and the snapshot when nothing but the name kept it.")
            .scope("sandboxes:write")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.NOT_FOUND)
            .response(Outcome.class, Envelope.FLAT)
            .handle(this::delete),
        SandboxSnapshotsApi.forking(
                declare(
                    Operation.post("/named-snapshots/:name/deploy"),
                    "deploy",
                    "Creates a sandbox that begins with the snapshot of a name."),
                forks)
            .handle((call, body) ->
                SandboxSnapshotsApi.fork(call, deployed(call), body, forks, snapshots)));
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation.id("named_snapshots." + name).summary(summary).priority("P2");
  }

  private NameStore.Named require(Call call) {
    String name = call.path("name");
    return store
        .transaction(call.principal(), tx -> names.find(tx, name))
        .orElseThrow(() -> missing(name));
  }

  /**
   * The snapshot of the name. One of an end user stands in for a template to that user alone:
   * whoever means a template that is not there gets no files that somebody else chose.
   */
  private String deployed(Call call) {
    NameStore.Named named = require(call);
    CreateWish wish = call.given(CreateWish.class);
    String user = named.snapshot().owner().externalUserId();
    boolean asTemplate = wish != null && wish.asTemplate();
    if (asTemplate && user != null && !user.equals(call.principal().externalUser())) {
      throw missing(named.name());
    }
    return named.snapshot().id();
  }

  private static AtollException missing(String name) {
    return AtollException.of(ErrorCode.NOT_FOUND, "named snapshot " + name);
  }

  private NameList list(Call call) {
    List<NameView> all =
        store
            .transaction(call.principal(), tx -> names.list(tx, identity.filter(tx, call, "n")))
            .stream()
            .map(NamesApi::view)
            .toList();
    return new NameList(all, new Allowance(all.size(), null, 0));
  }

  private NameView create(Call call, NewName body) {
    if (!NAME.matcher(body.name()).matches()) {
      throw AtollException.invalid("name", "must match " + NAME.pattern());
    }
    long sources =
        Stream.of(
                Optional.ofNullable(body.snapshotId()),
                Optional.ofNullable(body.sandboxId()),
                Optional.ofNullable(body.computerId()))
            .filter(Optional::isPresent)
            .count();
    if (sources != 1) {
      throw AtollException.invalid(
          "snapshot_id", "or sandbox_id or computer_id is required, and only one of them");
    }
    String snapshot = body.snapshotId();
    String sandbox = body.sandboxId();
    if (snapshot != null) {
      return pin(call, body.name(), snapshot);
    }
    if (sandbox != null) {
      return save(call, body.name(), sandbox);
    }
    throw AtollException.of(ErrorCode.NOT_FOUND, "computer " + body.computerId());
  }

  private NameView pin(Call call, String name, String id) {
    return store.transaction(
        call.principal(),
        tx -> {
          Snapshot snapshot =
              Snapshots.ready(
                  table
                      .lock(tx, id)
                      .filter(there -> there.name() != null || !there.isExpired())
                      .orElseThrow(() -> Snapshots.missing(id)));
          String other = snapshot.name();
          if (other != null) {
            throw AtollException.of(ErrorCode.SNAPSHOT_ALREADY_NAMED, id, other);
          }
          names.insert(tx, name, id, false, snapshot.owner().externalUserId());
          NameView view = view(names.find(tx, name).orElseThrow(() -> missing(name)));
          call.idempotentAnswer(tx, view, id);
          return view;
        });
  }

  private void replay(Call call, ObjectNode answer) {
    if (answer.findPath("status").asString("").equals("saving")) {
      String name = answer.findPath("name").asString("");
      snapshots.replay(call, answer, now -> view(name, now, now.createdAt()));
    }
  }

  private NameView save(Call call, String name, String reference) {
    Sandbox sandbox = forks.stored(call.principal(), reference);
    if (sandbox.state() == SandboxState.DESTROYED) {
      throw AtollException.of(ErrorCode.NO_SNAPSHOT_AVAILABLE, sandbox.id());
    }
    Snapshot taken =
        snapshots.take(
            call,
            sandbox,
            Wish.KEEP,
            (tx, id) -> names.insert(tx, name, id, true, sandbox.owner().externalUserId()),
            ready -> view(name, ready, ready.createdAt()));
    return view(name, taken, taken.createdAt());
  }

  private Outcome delete(Call call) {
    String name = call.path("name");
    AtomicReference<@Nullable Snapshot> gone = new AtomicReference<>();
    NameStore.Named removed =
        store.transaction(
            call.principal(),
            tx -> {
              NameStore.Named named = names.find(tx, name).orElseThrow(() -> missing(name));
              names.delete(tx, name);
              if (named.owned() || named.snapshot().isExpired()) {
                gone.set(snapshots.marked(tx, named.snapshot().id()));
              }
              return named;
            });
    Snapshot cleared = gone.get();
    if (cleared != null) {
      snapshots.clear(cleared);
    }
    return new Outcome(cleared == null ? "released" : "deleted", removed.snapshot().id());
  }

  private static NameView view(NameStore.Named named) {
    return view(named.name(), named.snapshot(), named.createdAt());
  }

  private static NameView view(String name, Snapshot snapshot, OffsetDateTime createdAt) {
    String status =
        switch (snapshot.status()) {
          case CREATING -> "saving";
          case READY -> "ready";
          case FAILED, DELETED -> "failed";
        };
    SnapshotView shown = SnapshotView.of(snapshot);
    return new NameView(
        name,
        status,
        snapshot.id(),
        shown,
        shown.resource(),
        snapshot.owner().workspaceId(),
        snapshot.sizeBytes(),
        createdAt.toInstant());
  }
}
