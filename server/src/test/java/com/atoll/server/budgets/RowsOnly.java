package com.atoll.server.budgets;

import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.model.SandboxState;
import com.atoll.server.sandboxes.Ports;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.sandboxes.TemplateApp;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Sandboxes that are rows without a machine: they can be found and paused. */
final class RowsOnly implements Sandboxes {
  private final Store store;

  RowsOnly(Store store) {
    this.store = store;
  }

  @Override
  public List<Sandbox> running() {
    return store.system(
        tx -> tx.sql().fetch("select * from sandboxes where state = 'running'").map(RowsOnly::of));
  }

  @Override
  public void pause(Sandbox sandbox) {
    store.executeSystem(tx ->
        tx.sql()
            .execute(
                """
                update sandboxes set state = 'paused', running_since = null, runtime_ms = runtime_ms
                  + coalesce(extract(epoch from now() - running_since) * 1000, 0)::bigint
                where id = ? and state = 'running'\
                """,
                sandbox.id()));
  }

  private static Sandbox of(Record row) {
    @Nullable String none = null;
    boolean run = row.get("metadata").toString().contains("run-0");
    return new Sandbox(
        row.get("id", String.class),
        new OrganizationId(row.get("org", String.class)),
        row.get("slug", String.class),
        "test",
        SandboxState.RUNNING,
        1,
        "test",
        Replica.SHAPE,
        "container",
        new Sandbox.Owner(
            "key",
            row.get("workspace_id", String.class),
            none,
            none,
            "project",
            none,
            none,
            row.get("external_workspace_id", String.class),
            row.get("external_user_id", String.class),
            none),
        true,
        false,
        0,
        0,
        null,
        run ? Map.of("run_id", "run-0") : Map.of(),
        List.of(),
        none,
        none,
        none,
        null,
        none,
        0,
        0,
        null,
        row.get("created_at", OffsetDateTime.class),
        null,
        null,
        null,
        null);
  }

  private static UnsupportedOperationException unasked() {
    return new UnsupportedOperationException("there is no machine");
  }

  @Override
  public Sandbox require(Principal principal, String reference) {
    throw unasked();
  }

  @Override
  public <T> T awake(Principal principal, String reference, Function<Sandbox, T> work) {
    throw unasked();
  }

  @Override
  public <T> T look(Principal principal, String reference, Function<Sandbox, T> work) {
    throw unasked();
  }

  @Override
  public Sandbox stored(Principal principal, String reference) {
    throw unasked();
  }

  @Override
  public Optional<Sandbox> anybodys(String reference) {
    throw unasked();
  }

  @Override
  public void startApps(Consumer<Sandbox> action) {
    throw unasked();
  }

  @Override
  public String templateSlug(Sandbox sandbox) {
    return sandbox.templateId();
  }

  @Override
  public boolean startsApp(Sandbox sandbox) {
    throw unasked();
  }

  @Override
  public void startAppFromNow(Sandbox sandbox) {
    throw unasked();
  }

  @Override
  public TemplateApp app(Sandbox sandbox) {
    return TemplateApp.usual();
  }

  @Override
  public void beforeEnd(Consumer<Sandbox> action) {
    throw unasked();
  }

  @Override
  public void afterEnd(Consumer<Sandbox> action) {
    throw unasked();
  }

  @Override
  public String url(Sandbox sandbox, int port) {
    throw unasked();
  }

  @Override
  public int defaultPort(Sandbox sandbox) {
    throw unasked();
  }

  @Override
  public Optional<Sandbox> living(String id) {
    throw unasked();
  }

  @Override
  public void recheck(Predicate<Sandbox> which) {
    throw unasked();
  }

  @Override
  public void lend(Sandbox sandbox, String name, String value) {
    throw unasked();
  }

  @Override
  public void withdraw(Tx tx, Sandbox sandbox, String name) {
    throw unasked();
  }

  @Override
  public void tellWithdrawn() {
    throw unasked();
  }

  @Override
  public void changed(Tx tx, String id) {
    throw unasked();
  }

  @Override
  public void ports(String sandboxId, Ports ports) {
    throw unasked();
  }
}
