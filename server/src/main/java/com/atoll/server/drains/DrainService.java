package com.atoll.server.drains;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.http.Page;
import com.atoll.server.outbound.Answer;
import com.atoll.server.outbound.CustomHeaders;
import com.atoll.server.outbound.Outbound;
import com.atoll.server.outbound.Signature;
import com.atoll.server.projects.EnvironmentRef;
import com.atoll.server.store.Owned;
import com.atoll.server.store.SqlFaults;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;

/** Makes, changes and ends log drains. */
final class DrainService {
  private static final int MOST = 10;
  private static final List<String> ALL_SOURCES =
      Arrays.stream(Source.Kind.values()).map(Source.Kind::wire).toList();

  private final Store store;
  private final Keys keys;
  private final Outbound outbound;
  private final Runnable changed;

  /**
   * The drains of a store.
   *
   * @param changed what is told when one was made or changed
   */
  DrainService(Store store, Keys keys, Outbound outbound, Runnable changed) {
    this.store = store;
    this.keys = keys;
    this.outbound = outbound;
    this.changed = changed;
  }

  Page<Views.DrainView> list(Call call) {
    return store.transaction(
        call.principal(),
        tx ->
            Page.whole(
                DrainTable.of(tx, EnvironmentRef.of(tx, call, false).id()).stream()
                    .map(drain -> view(tx, drain, null))
                    .toList()));
  }

  Views.DrainView create(Call call, Views.NewDrain asked) {
    Drain.Kind kind = asked.kind() == null ? Drain.Kind.HTTP : Drain.Kind.of(asked.kind());
    Drain.Format format = format(kind, asked.format());
    String url = check(kind, asked.url());
    List<String> sources = sources(asked.sources());
    Map<String, String> headers = CustomHeaders.check(asked.headers());
    String secret = kind == Drain.Kind.HTTP ? Signature.newSecret() : null;
    String id = Ids.next(Drain.PREFIX);
    return named(
        asked.name(),
        () ->
            store.transaction(
                call.principal(),
                tx -> {
                  EnvironmentRef in = EnvironmentRef.of(tx, call, true);
                  requireSight(call.principal(), sources);
                  if (DrainTable.of(tx, in.id()).size() >= MOST) {
                    throw AtollException.of(
                        ErrorCode.QUOTA_EXCEEDED, MOST + " log drains of an environment");
                  }
                  DrainTable.insert(
                      tx,
                      new Drain(
                          id,
                          tx.org(),
                          in.projectId(),
                          in.id(),
                          in.slug(),
                          in.isDefault(),
                          asked.name(),
                          kind,
                          format,
                          url,
                          sources,
                          keys.sealHeaders(tx, id, headers),
                          secret == null ? null : keys.sealSecret(tx, id, secret),
                          secret == null ? null : preview(secret),
                          Drain.ACTIVE,
                          Instant.EPOCH,
                          0,
                          null,
                          null,
                          null,
                          0,
                          0,
                          null,
                          null,
                          1,
                          Instant.EPOCH,
                          Instant.EPOCH));
                  Drain made = Objects.requireNonNull(DrainTable.find(tx, id));
                  tell(tx, made, "log_drain.created", Map.of("name", made.name()));
                  Views.DrainView view = view(tx, made, secret);
                  call.idempotentAnswer(tx, view, id);
                  tx.afterCommit(changed);
                  return view;
                }));
  }

  Views.DrainView update(Call call, Views.DrainChange asked) {
    Map<String, String> headers =
        asked.headers() == null ? null : CustomHeaders.check(asked.headers());
    return named(
        String.valueOf(asked.name()),
        () ->
            store.transaction(
                call.principal(),
                tx -> {
                  Drain old = locked(tx, call);
                  String url = asked.url() == null ? old.url() : check(old.kind(), asked.url());
                  List<String> sources =
                      asked.sources() == null ? old.sources() : sources(asked.sources());
                  if (asked.url() != null
                      || asked.sources() != null
                      || Drain.ACTIVE.equals(asked.state())) {
                    requireSight(call.principal(), sources);
                  }
                  String secret =
                      Boolean.TRUE.equals(asked.rotateSecret()) && old.kind() == Drain.Kind.HTTP
                          ? Signature.newSecret()
                          : null;
                  write(tx, old, asked, url, sources, headers, secret);
                  if (Drain.ACTIVE.equals(asked.state())) {
                    again(tx, old.id());
                  }
                  Drain now = Objects.requireNonNull(DrainTable.find(tx, old.id()));
                  tell(tx, now, "log_drain.updated", Map.of("state", now.state()));
                  tx.afterCommit(changed);
                  return view(tx, now, secret);
                }));
  }

  private void write(
      Tx tx,
      Drain old,
      Views.DrainChange asked,
      String url,
      List<String> sources,
      @Nullable Map<String, String> headers,
      @Nullable String secret) {
    tx.sql()
        .execute(
            """
            update log_drains set name = coalesce(?, name), url = ?, sources = cast(? as text[]),
              headers = coalesce(cast(? as bytea), headers),
              secret = coalesce(cast(? as bytea), secret),
              secret_preview = coalesce(?, secret_preview), state = coalesce(?, state),
              version = version + 1, updated_at = now() where id = ?\
            """,
            asked.name(),
            url,
            sources.toArray(String[]::new),
            headers == null ? null : keys.sealHeaders(tx, old.id(), headers),
            secret == null ? null : keys.sealSecret(tx, old.id(), secret),
            secret == null ? null : preview(secret),
            asked.state(),
            old.id());
  }

  /** It is tried at once, whatever came before. */
  private static void again(Tx tx, String id) {
    tx.sql()
        .execute(
            """
            update log_drains set failures = 0, failing_since = null, disabled_reason = null,
              disabled_at = null, next_at = now() where id = ?\
            """,
            id);
  }

  void delete(Call call) {
    store.execute(
        call.principal(),
        tx -> {
          Drain gone = locked(tx, call);
          tx.sql().execute("delete from log_drains where id = ?", gone.id());
          tx.sql()
              .execute(
                  "delete from idempotency where org = ? and resource = ?",
                  tx.org().value(),
                  gone.id());
          tell(tx, gone, "log_drain.deleted", Map.of("name", gone.name()));
        });
  }

  Views.TestView test(Call call) {
    Outlet outlet =
        store.transaction(call.principal(), tx -> Outlet.of(tx, keys, locked(tx, call)));
    String line = LogLine.test(outlet.drain(), Instant.now()).kept();
    Answer answer = outlet.send(outbound, Ids.next(Batch.PREFIX), line);
    return new Views.TestView(answer.succeeded(), answer.status(), answer.error(), answer.millis());
  }

  private static Drain locked(Tx tx, Call call) {
    String id = call.path("drain_id");
    Drain drain = DrainTable.locked(tx, EnvironmentRef.of(tx, call, false).id(), id);
    if (drain == null) {
      throw AtollException.of(ErrorCode.NOT_FOUND, "log drain " + id);
    }
    return drain;
  }

  private String check(Drain.Kind kind, String url) {
    return switch (kind) {
      case HTTP -> outbound.check(url);
      case SYSLOG -> outbound.checkSyslog(url);
    };
  }

  private static Drain.Format format(Drain.Kind kind, @Nullable String asked) {
    boolean syslog = kind == Drain.Kind.SYSLOG;
    Drain.Format usual = syslog ? Drain.Format.RFC5424 : Drain.Format.NDJSON;
    Drain.Format format = asked == null ? usual : Drain.Format.of(asked);
    if (syslog != (format == Drain.Format.RFC5424)) {
      throw AtollException.invalid("format", "must be rfc5424 for syslog, and only there");
    }
    return format;
  }

  /** Nobody has logs sent that they could not read where they are written. */
  private static void requireSight(Principal who, List<String> sources) {
    for (Source.Kind kind : Source.Kind.values()) {
      String scope = kind == Source.Kind.SANDBOX ? "sandboxes:read" : "deployments:read";
      if (sources.contains(kind.wire())) {
        who.requireScope(scope);
      }
    }
  }

  private static List<String> sources(@Nullable List<String> asked) {
    if (asked == null) {
      return ALL_SOURCES;
    }
    if (asked.isEmpty() || !ALL_SOURCES.containsAll(asked)) {
      throw AtollException.invalid(
          "sources", "must hold some of " + String.join(", ", ALL_SOURCES));
    }
    return asked.stream().distinct().toList();
  }

  private static String preview(String secret) {
    return secret.substring(0, Signature.SHOWN) + "…";
  }

  private Views.DrainView view(Tx tx, Drain drain, @Nullable String secret) {
    return Views.DrainView.of(
        drain,
        keys.headers(tx, drain).keySet().stream().sorted().toList(),
        DrainTable.pendingLines(tx, drain.id()),
        secret);
  }

  static void tell(Tx tx, Drain drain, String what, Map<String, ?> data) {
    tx.event(
        Owned.PROJECT.event(
            tx, drain.projectId(), what, "log_drain", drain.id(), drain.version(), data));
  }

  private static Views.DrainView named(
      String name, java.util.function.Supplier<Views.DrainView> work) {
    try {
      return work.get();
    } catch (DataAccessException e) {
      if (SqlFaults.isDuplicate(e, "log_drains_environment_id_name_key")) {
        throw AtollException.of(ErrorCode.NAME_TAKEN, name);
      }
      throw e;
    }
  }
}
