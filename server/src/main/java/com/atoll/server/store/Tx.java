package com.atoll.server.store;

import com.atoll.model.OrganizationId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.Result;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** A running transaction. It sees and changes rows of one organization only. */
public final class Tx {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** An event and its record in the audit log, in one round trip. */
  private static final String TELL =
      """
      with told as (
        insert into events (epoch, org, type, resource_type, resource_id, version, workspace_id,
          project_id, external_workspace_id, external_user_id, external_project_id, data)
        values ((select epoch from event_epoch), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, cast(? as jsonb))
        returning epoch, cast(cast(xid as text) as bigint) as xid, seq),
      kept as (insert into audit_log (%s) values (%s))
      select epoch, xid, seq from told\
      """
          .formatted(Trail.COLUMNS, Trail.PLACES);

  private final Pipeline pipeline;
  private final DSLContext sql;
  private final @Nullable OrganizationId org;
  private final @Nullable String externalUser;
  private final Outcome outcome;

  /** What the transaction leaves to be done after its commit. */
  private static final class Outcome {
    final List<Runnable> afterCommit = new ArrayList<>();
    @Nullable Written lastEvent;
    @Nullable Deed audited;

    void audited(OrganizationId of) {
      Deed deed = Deed.current();
      if (deed != null && deed.org().equals(of)) {
        audited = deed;
      }
    }
  }

  /** Where a transaction put an event: the epoch of the log, its own id, the sequence. */
  public record Written(int epoch, long xid, long seq) {}

  Tx(
      Pipeline pipeline,
      DSLContext sql,
      @Nullable OrganizationId org,
      @Nullable String externalUser) {
    this(pipeline, sql, org, externalUser, new Outcome());
  }

  private Tx(
      Pipeline pipeline,
      DSLContext sql,
      @Nullable OrganizationId org,
      @Nullable String externalUser,
      Outcome outcome) {
    this.pipeline = pipeline;
    this.sql = sql;
    this.org = org;
    this.externalUser = externalUser;
    this.outcome = outcome;
  }

  /** The same transaction of the system, writing for one organization. */
  public Tx within(OrganizationId of) {
    return new Tx(pipeline, sql, of, externalUser, outcome);
  }

  /** Queries and statements of this transaction, after those that wait. */
  public DSLContext sql() {
    return sql;
  }

  /**
   * A statement that is sent together with what comes next, before the commit at the latest; what
   * it fails with is thrown then.
   *
   * @param values what stands for its question marks: text, numbers, booleans, times, bytes, arrays
   *     of text, or null
   */
  public void later(String statement, @Nullable Object... values) {
    pipeline.add(statement, null, values);
  }

  /**
   * A question that is sent together with what comes before it and next; whoever gets the answer
   * waits for it. Values are as in {@link #later}.
   */
  public Supplier<Result<Record>> ask(String question, @Nullable Object... values) {
    AtomicReference<@Nullable Result<Record>> rows = new AtomicReference<>();
    pipeline.add(question, answer -> rows.set(sql.fetch(answer)), values);
    return () -> {
      pipeline.flush();
      return Objects.requireNonNull(rows.get());
    };
  }

  /**
   * Asks in the view of the whole organization, whatever the caller is confined to: for what a rule
   * must know and the caller is not shown. A failure ends the transaction.
   */
  public <T> T ofWholeOrganization(Supplier<T> question) {
    Record view =
        sql.fetchSingle(
            """
            select coalesce(current_setting('atoll.external_user', true), '') as external_user,
              coalesce(current_setting('atoll.workspace', true), '') as workspace,
              coalesce(current_setting('atoll.sandboxes', true), '') as sandboxes\
            """);
    confine("", "", "");
    T answer = question.get();
    confine(
        view.get("external_user", String.class),
        view.get("workspace", String.class),
        view.get("sandboxes", String.class));
    return answer;
  }

  private void confine(String user, String workspace, String sandboxes) {
    sql.fetchSingle(
        """
        select set_config('atoll.external_user', ?, true) || set_config('atoll.workspace', ?, true)
          || set_config('atoll.sandboxes', ?, true) is not null\
        """,
        user,
        workspace,
        sandboxes);
  }

  /** The organization of this transaction. */
  public OrganizationId org() {
    if (org == null) {
      throw new IllegalStateException("a transaction of the system has no organization");
    }
    return org;
  }

  /** Tells a change, in the same transaction. */
  public void event(
      String type, String resourceType, String resourceId, long version, Map<String, ?> data) {
    event(Event.of(type, resourceType, resourceId, version, data));
  }

  /** Tells a change, in the same transaction. */
  public void event(Event event) {
    event(org(), event);
  }

  /** Tells a change of an organization from a transaction of the system. */
  public void event(OrganizationId of, Event event) {
    String user = event.externalUser() == null ? externalUser : event.externalUser();
    Deed.Subject about =
        new Deed.Subject(
            event.resourceType(),
            event.resourceId(),
            event.workspace(),
            event.project(),
            event.externalWorkspace(),
            user,
            event.externalProject());
    List<@Nullable Object> values = new ArrayList<>();
    values.add(of.value());
    values.add(event.type());
    values.add(event.resourceType());
    values.add(event.resourceId());
    values.add(event.version());
    values.add(event.workspace());
    values.add(event.project());
    values.add(event.externalWorkspace());
    values.add(user);
    values.add(event.externalProject());
    values.add(JSON.writeValueAsString(event.data()));
    values.addAll(Trail.values(of, event.type(), about, event.data()));
    pipeline.add(
        TELL,
        row -> {
          row.next();
          outcome.lastEvent = new Written(row.getInt(1), row.getLong(2), row.getLong(3));
        },
        values.toArray());
    outcome.audited(of);
  }

  /**
   * Writes a record of the audit log that is no event, as a decision is. It is a record of its own:
   * that of the operation, when it changes something, is written besides.
   */
  public void audit(String action, Deed.Subject about, Map<String, ?> data) {
    pipeline.add(Trail.WRITE, null, Trail.values(org(), action, about, data).toArray());
  }

  /** Before the commit: writes the record of the present deed when this transaction did it. */
  void keepTrail() {
    Deed deed = Deed.current();
    if (deed != null
        && deed.isMissing()
        && outcome.audited == null
        && org != null
        && org.equals(deed.org())) {
      pipeline.add(
          Trail.WRITE_IF_CHANGED,
          written -> outcome.audited = written.next() ? deed : null,
          Trail.values(deed).toArray());
    }
  }

  /** After the commit. */
  void trailKept() {
    if (outcome.audited != null) {
      outcome.audited.written();
    }
  }

  /** Runs after the commit, and only then. */
  public void afterCommit(Runnable action) {
    outcome.afterCommit.add(action);
  }

  List<Runnable> actionsAfterCommit() {
    return outcome.afterCommit;
  }

  @Nullable Written lastEvent() {
    return outcome.lastEvent;
  }
}
