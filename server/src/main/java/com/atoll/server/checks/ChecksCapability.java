package com.atoll.server.checks;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.platform.Installation;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.outbound.Outbound;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import com.fasterxml.jackson.annotation.JsonAlias;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jooq.Condition;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** Health checks over HTTP. */
public final class ChecksCapability implements Capability {
  private static final int MOST = 200;
  private static final List<String> STATUSES = List.of("unknown", "healthy", "unhealthy", "paused");

  private final Store store;
  private final Watch watch;

  /** The checks of a store, asked from this installation. */
  public ChecksCapability(Installation installation, Store store, Outbound outbound) {
    this.store = store;
    watch = new Watch(store, new Prober(installation, outbound));
  }

  /** A check to make. */
  record NewCheck(
      @Doc(value = "Name.", min = 1, max = 200) String name,
      @Doc(value = "Address that is asked, http or https.", min = 1, max = 2000) String url,
      @Doc(value = "GET (the default) or HEAD.", pattern = "GET|HEAD") @Nullable String method,
      @Doc(value = "Seconds between two questions; 60 by default.", min = 5, max = 86_400)
          @JsonAlias("interval_seconds")
          @Nullable Integer intervalSec,
      @Doc(value = "Seconds to wait for an answer; 10 by default.", min = 1, max = 60)
          @JsonAlias("timeout_seconds")
          @Nullable Integer timeoutSec,
      @Doc(value = "Status of a good answer; 200 by default.", min = 100, max = 599)
          @Nullable Integer expectedStatus) {}

  /** What to change of a check. */
  record CheckChange(
      @Doc(value = "Name.", min = 1, max = 200) @Nullable String name,
      @Doc(value = "Address that is asked, http or https.", min = 1, max = 2000)
          @Nullable String url,
      @Doc(value = "GET or HEAD.", pattern = "GET|HEAD") @Nullable String method,
      @Doc(value = "Seconds between two questions.", min = 5, max = 86_400)
          @JsonAlias("interval_seconds")
          @Nullable Integer intervalSec,
      @Doc(value = "Seconds to wait for an answer.", min = 1, max = 60)
          @JsonAlias("timeout_seconds")
          @Nullable Integer timeoutSec,
      @Doc(value = "Status of a good answer.", min = 100, max = 599)
          @Nullable Integer expectedStatus,
      @Doc(
              value = "paused to stop asking, unknown to ask again.",
              pattern = "paused|unknown|healthy|unhealthy")
          @Nullable String status) {}

  @Override
  public List<Operation<?, ?>> operations() {
    return List.of(
        one(Operation.get("/health-checks"), "list", "Lists health checks, newest first.")
            .errors(ErrorCode.INVALID_PARAM)
            .query("status", "Only those that are unknown, healthy, unhealthy or paused.")
            .list(CheckView.class)
            .handle(this::list),
        one(Operation.post("/health-checks"), "create", "Has an address asked at intervals.")
            .idempotency(Idempotency.KEY)
            .errors(ErrorCode.QUOTA_EXCEEDED)
            .status(201)
            .request(NewCheck.class)
            .response(CheckView.class, Envelope.FLAT_MIRROR)
            .handle(this::create),
        one(Operation.get("/health-checks/:id"), "get", "Shows a health check.")
            .errors(ErrorCode.NOT_FOUND)
            .response(CheckView.class, Envelope.FLAT_MIRROR)
            .handle(call ->
                store.transaction(
                    call.principal(), tx -> CheckView.of(require(tx, call.path("id"))))),
        one(Operation.patch("/health-checks/:id"), "update", "Changes, pauses or resumes one.")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.NOT_FOUND)
            .request(CheckChange.class)
            .response(CheckView.class, Envelope.FLAT_MIRROR)
            .handle(this::change),
        one(Operation.delete("/health-checks/:id"), "delete", "Deletes a health check.")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.NOT_FOUND)
            .run(call ->
                store.execute(
                    call.principal(),
                    tx -> {
                      Check check = require(tx, call.path("id"));
                      tx.sql().execute("delete from health_checks where id = ?", check.id());
                      tell(tx, "health_check.deleted", check, check.version() + 1);
                    })));
  }

  private static OperationBuilder<NoBody, NoBody> one(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation
        .id("health_checks." + name)
        .summary(summary)
        .priority("P3")
        .anyScope()
        .ofWholeOrganization();
  }

  private Page<CheckView> list(Call call) {
    Paging paging = call.paging();
    String status = call.query("status");
    if (status != null && !status.isEmpty() && !STATUSES.contains(status)) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, "status");
    }
    Condition where =
        status == null || status.isEmpty()
            ? DSL.noCondition()
            : DSL.condition("status = ?", status);
    Condition from =
        paging.after() == null ? DSL.noCondition() : DSL.condition("id < ?", paging.after());
    return store.transaction(
        call.principal(),
        tx -> {
          List<CheckView> oneMore =
              tx.sql()
                  .fetch(
                      """
                      select * from health_checks where {0} and {1} order by id desc
                      limit {2} offset {3}\
                      """,
                      where, from, DSL.val(paging.limit() + 1), DSL.val(paging.offset()))
                  .map(row -> CheckView.of(Check.of(row)));
          long total =
              tx.sql()
                  .fetchSingle("select count(*) from health_checks where {0}", where)
                  .get(0, Long.class);
          return Page.of(oneMore, paging, total, CheckView::id);
        });
  }

  private CheckView create(Call call, NewCheck body) {
    String url = url(body.url());
    String id = Ids.next("hc");
    return store.transaction(
        call.principal(),
        tx -> {
          int had =
              tx.sql().fetchSingle("select count(*) from health_checks").get(0, Integer.class);
          if (had >= MOST) {
            throw AtollException.of(
                ErrorCode.QUOTA_EXCEEDED, "an organization has at most " + MOST + " health checks");
          }
          tx.sql()
              .execute(
                  """
                  insert into health_checks (id, org, name, url, method, interval_sec, timeout_sec,
                    expected_status, status) values (?, ?, ?, ?, ?, ?, ?, ?, 'unknown')\
                  """,
                  id,
                  tx.org().value(),
                  body.name(),
                  url,
                  body.method() == null ? "GET" : body.method(),
                  body.intervalSec() == null ? 60 : body.intervalSec(),
                  body.timeoutSec() == null ? 10 : body.timeoutSec(),
                  body.expectedStatus() == null ? 200 : body.expectedStatus());
          Check check = require(tx, id);
          tell(tx, "health_check.created", check, check.version());
          CheckView view = CheckView.of(check);
          call.idempotentAnswer(tx, view, id);
          return view;
        });
  }

  private CheckView change(Call call, CheckChange body) {
    String url = body.url() == null ? null : url(body.url());
    String status =
        body.status() == null || body.status().equals("paused") ? body.status() : "unknown";
    return store.transaction(
        call.principal(),
        tx -> {
          Check check = require(tx, call.path("id"));
          tx.sql()
              .execute(
                  """
                  update health_checks set name = coalesce(?, name), url = coalesce(?, url),
                    method = coalesce(?, method), interval_sec = coalesce(?, interval_sec),
                    timeout_sec = coalesce(?, timeout_sec),
                    expected_status = coalesce(?, expected_status),
                    status = case when ?::text is not null then ?
                      when ?::text is not null and status <> 'paused' then 'unknown' else status end,
                    next_check_at = now(), version = version + 1, updated_at = now() where id = ?\
                  """,
                  body.name(),
                  url,
                  body.method(),
                  body.intervalSec(),
                  body.timeoutSec(),
                  body.expectedStatus(),
                  status,
                  status,
                  url,
                  check.id());
          Check changed = require(tx, check.id());
          tell(tx, "health_check.updated", changed, changed.version());
          return CheckView.of(changed);
        });
  }

  private static void tell(Tx tx, String type, Check check, long version) {
    tx.event(
        type,
        "health_check",
        check.id(),
        version,
        Map.of("name", check.name(), "url", check.url()));
  }

  private static Check require(Tx tx, String id) {
    return tx.sql()
        .fetchOptional("select * from health_checks where id = ?", id)
        .map(Check::of)
        .orElseThrow(() -> AtollException.of(ErrorCode.NOT_FOUND, "health check " + id));
  }

  /** An address that may be asked, as far as its text says. */
  private static String url(String text) {
    try {
      URI url = new URI(text.strip());
      boolean http =
          "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
      String host = url.getHost();
      if (http
          && host != null
          && url.getRawUserInfo() == null
          && text.strip().matches("[\\x21-\\x7e]+")) {
        return text.strip();
      }
    } catch (java.net.URISyntaxException malformed) {
      // Told to the caller below, like an address of another kind.
    }
    throw AtollException.invalid("url", "must be an http or https address without a password");
  }

  @Override
  public void start() {
    watch.start();
  }

  @Override
  public void close() {
    watch.close();
  }
}
