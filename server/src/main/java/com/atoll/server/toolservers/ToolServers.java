package com.atoll.server.toolservers;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.server.http.Call;
import com.atoll.server.http.InnerCalls;
import com.atoll.server.http.Json;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.identity.Identity;
import com.atoll.server.identity.Ownership;
import com.atoll.server.identity.WorkspaceReference;
import com.atoll.server.outbound.Outbound;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Owned;
import com.atoll.server.store.SqlFaults;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jooq.Condition;
import org.jooq.JSONB;
import org.jooq.Record;
import org.jooq.exception.DataAccessException;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** Registers, changes, tries and removes tool servers. */
final class ToolServers {
  private static final int MOST = 100;
  private static final String FIELD = "secrets";

  private final Store store;
  private final Vault vault;
  private final Identity identity;
  private final Outbound outbound;
  private final InnerCalls inner;

  ToolServers(Store store, Vault vault, Identity identity, Outbound outbound, InnerCalls inner) {
    this.store = store;
    this.vault = vault;
    this.identity = identity;
    this.outbound = outbound;
    this.inner = inner;
  }

  Page<Views.ServerView> list(Call call) {
    Paging paging = call.paging();
    return store.transaction(
        call.principal(),
        tx -> {
          Condition where = filter(tx, call);
          Condition from =
              paging.after() == null ? DSL.noCondition() : DSL.condition("id < ?", paging.after());
          List<ToolServer> oneMore =
              tx.sql()
                  .fetch(
                      """
                      select * from tool_servers where {0} and {1} order by id desc
                      limit {2} offset {3}\
                      """,
                      where, from, DSL.val(paging.limit() + 1), DSL.val(paging.offset()))
                  .map(ToolServer::of);
          long total =
              tx.sql()
                  .fetchSingle("select count(*) from tool_servers where {0}", where)
                  .get(0, Long.class);
          return Page.of(oneMore, paging, total, ToolServer::id).map(Views.ServerView::of);
        });
  }

  private static Condition filter(Tx tx, Call call) {
    Condition where = DSL.noCondition();
    String status = call.query("status");
    if (status != null && !status.isEmpty()) {
      where = where.and(DSL.condition("status = ?", status));
    }
    String workspace = call.query("workspace_id");
    if (workspace != null && !workspace.isEmpty()) {
      where = where.and(DSL.condition("workspace_id = ?", workspace(tx, workspace)));
    }
    return where;
  }

  /** The id of a workspace by id, slug or name; empty when there is none. */
  static String workspace(Tx tx, String reference) {
    String id = WorkspaceReference.find(tx, reference);
    return id == null ? "" : id;
  }

  Views.ServerView get(Call call) {
    return store.transaction(
        call.principal(), tx -> Views.ServerView.of(require(tx, call.path("id"), false)));
  }

  /** A server that is wished for, complete and checked. */
  record Wish(
      String name,
      @Nullable String workspace,
      Spec spec,
      @Nullable List<String> tools,
      Map<String, Object> metadata,
      @Nullable String catalogSlug) {}

  Views.ServerView create(Call call, Views.NewServer asked) {
    String transport = asked.transport();
    Spec spec =
        new Spec(
            transport != null
                ? Transport.of(transport)
                : asked.command() != null ? Transport.STDIO : Transport.STREAMABLE_HTTP,
            asked.url(),
            asked.command(),
            Rules.args(asked.args()),
            asked.headersTemplate() == null ? Map.of() : asked.headersTemplate(),
            Rules.auth(asked.auth()),
            Rules.secrets(asked.secrets()),
            Rules.names("secret_headers", asked.secretHeaders()),
            Rules.names("secret_env", asked.secretEnv()));
    Wish wish =
        new Wish(
            asked.name(),
            asked.workspaceId(),
            spec,
            asked.tools(),
            Rules.metadata(asked.metadata()),
            null);
    return made(call, wish, view -> view);
  }

  /** Makes a server, and has the answer that is made of it kept for retries. */
  <T> T made(Call call, Wish wish, java.util.function.Function<Views.ServerView, T> answer) {
    Rules.check(wish.spec(), outbound);
    String id = Ids.next(ToolServer.PREFIX);
    return named(
        wish.name(),
        () ->
            store.transaction(
                call.principal(),
                tx -> {
                  String workspace =
                      identity
                          .resolve(
                              tx,
                              call,
                              new Ownership(
                                  wish.workspace(), null, null, null, null, null, null, null, null))
                          .workspaceId();
                  limit(tx, workspace);
                  insert(tx, id, workspace, wish);
                  ToolServer stored = require(tx, id, false);
                  tell(tx, stored, "tool_server.created");
                  T view = answer.apply(Views.ServerView.of(stored));
                  call.idempotentAnswer(tx, Objects.requireNonNull(view), id);
                  return view;
                }));
  }

  private static void limit(Tx tx, String workspace) {
    // Not as one that is about to delete it: all who create in it keep it there meanwhile.
    tx.sql().fetchOne("select id from workspaces where id = ? for no key update", workspace);
    int count =
        tx.sql()
            .fetchSingle("select count(*) from tool_servers where workspace_id = ?", workspace)
            .get(0, Integer.class);
    if (count >= MOST) {
      throw AtollException.of(ErrorCode.QUOTA_EXCEEDED, MOST + " tool servers of a workspace");
    }
  }

  private void insert(Tx tx, String id, String workspace, Wish wish) {
    tx.sql()
        .execute(
            """
            insert into tool_servers (id, org, workspace_id, name, transport, secrets, catalog_slug)
            values (?, ?, ?, ?, ?, ?, ?)\
            """,
            id,
            tx.org().value(),
            workspace,
            wish.name(),
            wish.spec().transport().wire(),
            seal(tx, id, wish.spec().secrets()),
            wish.catalogSlug());
    write(tx, id, wish);
  }

  /** Writes everything that may change. */
  private void write(Tx tx, String id, Wish wish) {
    Spec spec = wish.spec();
    List<String> tools = wish.tools();
    tx.sql()
        .execute(
            """
            update tool_servers set name = ?, transport = ?, url = ?, command = ?,
              args = cast(? as text[]), headers_template = ?, auth = ?, tools = cast(? as text[]),
              metadata = ?, secrets = ?, secret_names = cast(? as text[]), secret_headers = ?,
              secret_env = ?, updated_at = now() where id = ?\
            """,
            wish.name(),
            spec.transport().wire(),
            spec.url(),
            spec.command(),
            spec.args().toArray(String[]::new),
            json(spec.headersTemplate()),
            json(spec.auth()),
            tools == null ? null : tools.toArray(String[]::new),
            json(wish.metadata()),
            seal(tx, id, spec.secrets()),
            spec.secrets().keySet().stream().sorted().toArray(String[]::new),
            json(spec.secretHeaders()),
            json(spec.secretEnv()),
            id);
  }

  Views.ServerView update(Call call, Views.ServerChange asked) {
    Map<String, String> secrets = Rules.secrets(asked.secrets());
    return named(
        String.valueOf(asked.name()),
        () ->
            store.transaction(
                call.principal(),
                tx -> {
                  ToolServer old = require(tx, call.path("id"), true);
                  Map<String, String> kept =
                      leadsElsewhere(old, asked)
                          ? new LinkedHashMap<>()
                          : new LinkedHashMap<>(open(tx, old));
                  secrets.forEach((name, value) -> {
                    if (value.isEmpty()) {
                      kept.remove(name);
                    } else {
                      kept.put(name, value);
                    }
                  });
                  Wish wish = changed(old, asked, kept);
                  Rules.check(wish.spec(), outbound);
                  write(tx, old.id(), wish);
                  tx.sql()
                      .execute(
                          """
                          update tool_servers set version = version + 1, status = 'untested',
                            last_error = null, found = null where id = ?\
                          """,
                          old.id());
                  ToolServer now = require(tx, old.id(), false);
                  tell(tx, now, "tool_server.updated");
                  return Views.ServerView.of(now);
                }));
  }

  /**
   * Whether what is kept for the old place would be told to another one, which whoever changes it
   * may have chosen in order to read it: secrets are set anew then.
   */
  private static boolean leadsElsewhere(ToolServer old, Views.ServerChange asked) {
    return (asked.url() != null && !asked.url().equals(old.url()))
        || (asked.command() != null && !asked.command().equals(old.command()))
        || (asked.args() != null && !Rules.args(asked.args()).equals(old.args()))
        || (asked.transport() != null && Transport.of(asked.transport()) != old.transport());
  }

  private static Wish changed(
      ToolServer old, Views.ServerChange asked, Map<String, String> secrets) {
    Spec spec =
        new Spec(
            asked.transport() == null ? old.transport() : Transport.of(asked.transport()),
            asked.url() == null ? old.url() : asked.url(),
            asked.command() == null ? old.command() : asked.command(),
            asked.args() == null ? old.args() : Rules.args(asked.args()),
            asked.headersTemplate() == null ? old.headersTemplate() : asked.headersTemplate(),
            asked.auth() == null ? old.auth() : Rules.auth(asked.auth()),
            secrets,
            asked.secretHeaders() == null
                ? old.secretHeaders()
                : Rules.names("secret_headers", asked.secretHeaders()),
            asked.secretEnv() == null
                ? old.secretEnv()
                : Rules.names("secret_env", asked.secretEnv()));
    return new Wish(
        asked.name() == null ? old.name() : asked.name(),
        old.workspaceId(),
        spec,
        asked.tools() == null ? old.tools() : asked.tools(),
        asked.metadata() == null ? old.metadata() : Rules.metadata(asked.metadata()),
        old.catalogSlug());
  }

  void delete(Call call) {
    store.execute(
        call.principal(),
        tx -> {
          ToolServer gone = require(tx, call.path("id"), true);
          tx.sql().execute("delete from tool_servers where id = ?", gone.id());
          tx.sql()
              .execute(
                  "delete from idempotency where org = ? and resource = ?",
                  tx.org().value(),
                  gone.id());
          tell(tx, gone, "tool_server.deleted");
        });
  }

  /** A server, and its secrets. */
  private record Opened(ToolServer server, Map<String, String> secrets) {}

  Views.TestView test(Call call) {
    Opened opened =
        store.transaction(
            call.principal(),
            tx -> {
              ToolServer server = require(tx, call.path("id"), false);
              return new Opened(server, open(tx, server));
            });
    Spec spec = opened.server().spec(opened.secrets());
    Trial.Outcome outcome = run(call, spec);
    store.execute(call.principal(), tx -> record(tx, opened.server(), outcome));
    return outcome.view(spec.transport());
  }

  /** Tries a server that is kept nowhere. */
  Trial.Outcome tried(Call call, Spec spec) {
    Rules.check(spec, outbound);
    return run(call, spec);
  }

  private Trial.Outcome run(Call call, Spec spec) {
    return switch (spec.transport()) {
      case STREAMABLE_HTTP -> new HttpTrial(outbound, spec).run();
      case STDIO -> new StdioTrial(inner, call).run(spec);
      case SSE ->
          throw AtollException.invalid(
              "transport", "sse is tried by the agents that use it; streamable_http is tried here");
    };
  }

  private static void record(Tx tx, ToolServer tried, Trial.Outcome outcome) {
    Found found = outcome.found();
    // A change meanwhile made what was tried another server.
    tx.sql()
        .execute(
            """
            update tool_servers set status = ?, last_error = ?, last_tested_at = now(),
              found = coalesce(cast(? as jsonb), found) where id = ? and version = ?\
            """,
            found == null ? "error" : "ready",
            outcome.error(),
            found == null ? null : Json.MAPPER.writeValueAsString(found),
            tried.id(),
            tried.version());
  }

  private static ToolServer require(Tx tx, String id, boolean lock) {
    Record row =
        tx.sql()
            .fetchOne("select * from tool_servers where id = ?" + (lock ? " for update" : ""), id);
    if (row == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "tool server " + id);
    }
    return ToolServer.of(row);
  }

  private byte[] seal(Tx tx, String id, Map<String, String> secrets) {
    return vault.seal(tx, id, FIELD, Json.MAPPER.writeValueAsBytes(secrets));
  }

  private Map<String, String> open(Tx tx, ToolServer server) {
    return Json.MAPPER.readValue(
        vault.open(tx, server.id(), FIELD, server.secrets()), ToolServer.TEXTS);
  }

  private static JSONB json(Object value) {
    return JSONB.valueOf(Json.MAPPER.writeValueAsString(value));
  }

  private static void tell(Tx tx, ToolServer server, String what) {
    tx.event(
        Owned.WORKSPACE.event(
            tx,
            server.workspaceId(),
            what,
            "tool_server",
            server.id(),
            what.endsWith("deleted") ? server.version() + 1 : server.version(),
            Map.of("name", server.name())));
  }

  private static <T> T named(String name, Supplier<T> work) {
    try {
      return work.get();
    } catch (DataAccessException e) {
      if (SqlFaults.isDuplicate(e, "tool_servers_workspace_id_name_key")) {
        throw AtollException.of(ErrorCode.NAME_TAKEN, name);
      }
      throw e;
    }
  }
}
