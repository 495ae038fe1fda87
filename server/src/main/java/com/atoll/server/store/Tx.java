package com.atoll.server.store;

import com.atoll.model.OrganizationId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** A running transaction. It sees and changes rows of one organization only. */
public final class Tx {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String INSERT_EVENT =
      """
      insert into events (epoch, org, type, resource_type, resource_id, version, workspace_id,
        project_id, external_workspace_id, external_user_id, external_project_id, data)
      values ((select epoch from event_epoch), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, cast(? as jsonb))
      returning epoch, cast(cast(xid as text) as bigint) as xid, seq\
      """;

  private final Pipeline pipeline;
  private final DSLContext sql;
  private final @Nullable OrganizationId org;
  private final @Nullable String externalUser;
  private final Outcome outcome;

  /** What the transaction leaves to be done after its commit. */
  private static final class Outcome {
    final List<Runnable> afterCommit = new ArrayList<>();
    @Nullable Written lastEvent;
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
    pipeline.flush();
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
    pipeline.add(
        INSERT_EVENT,
        row -> outcome.lastEvent = new Written(row.getInt(1), row.getLong(2), row.getLong(3)),
        of.value(),
        event.type(),
        event.resourceType(),
        event.resourceId(),
        event.version(),
        event.workspace(),
        event.project(),
        event.externalWorkspace(),
        event.externalUser() == null ? externalUser : event.externalUser(),
        event.externalProject(),
        JSON.writeValueAsString(event.data()));
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
