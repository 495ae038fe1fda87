package com.atoll.server.webhooks;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.Principal;
import com.atoll.server.events.EventFilter;
import com.atoll.server.http.Call;
import com.atoll.server.http.Page;
import com.atoll.server.outbound.CustomHeaders;
import com.atoll.server.outbound.Outbound;
import com.atoll.server.outbound.Signature;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jooq.Condition;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** Makes, changes and ends webhooks. */
final class WebhookService {
  private static final int MOST = 100;
  private static final Duration OVERLAP = Duration.ofHours(24);

  private final Store store;
  private final Secrets secrets;
  private final Outbound targets;

  WebhookService(Store store, Secrets secrets, Outbound targets) {
    this.store = store;
    this.secrets = secrets;
    this.targets = targets;
  }

  Page<WebhookView> list(Call call) {
    String active = call.query("active");
    Condition where =
        active == null || active.isEmpty()
            ? DSL.noCondition()
            : DSL.condition("active = ?", call.queryFlag("active", true));
    return store.transaction(
        call.principal(),
        tx -> WebhookTable.page(tx, where, call.paging()).map(w -> view(tx, w, null)));
  }

  WebhookView get(Call call) {
    return store.transaction(call.principal(), tx -> view(tx, require(tx, call.path("id")), null));
  }

  WebhookView create(Call call, NewWebhook asked) {
    Principal principal = call.principal();
    String url = targets.check(asked.url());
    EventFilter filter =
        new EventFilter(
            Rules.types(asked.events()), Rules.attributes(principal, asked.attributes()));
    Map<String, String> headers = CustomHeaders.check(asked.headers());
    Map<String, Object> metadata = Rules.metadata(asked.metadata());
    String version = Rules.version(asked.apiVersion());
    String secret = asked.secret() == null ? Signature.newSecret() : asked.secret();
    String id = Ids.next(Webhook.PREFIX);
    String name = asked.name() == null ? host(url) : asked.name();
    return store.transaction(
        principal,
        tx -> {
          Rules.requireOwn(tx, filter.attributes());
          if (WebhookTable.count(tx) >= MOST) {
            throw AtollException.of(ErrorCode.QUOTA_EXCEEDED, MOST + " webhooks");
          }
          Webhook made =
              WebhookTable.insert(
                  tx,
                  new Webhook(
                      id,
                      tx.org(),
                      name,
                      url,
                      version,
                      filter,
                      asked.active() == null || asked.active(),
                      Boolean.TRUE.equals(asked.ordered()),
                      secrets.sealHeaders(tx, id, headers),
                      secrets.sealSecret(tx, id, secret),
                      Secrets.preview(secret),
                      null,
                      null,
                      asked.retryCount() == null ? Schedule.RETRIES : asked.retryCount(),
                      metadata,
                      0,
                      null,
                      null,
                      1,
                      Instant.EPOCH,
                      Instant.EPOCH));
          tx.event(made.event("webhook.created", Map.of("name", name, "url", url)));
          WebhookView view = view(tx, made, secret);
          call.idempotentAnswer(tx, view, id);
          return view;
        });
  }

  WebhookView update(Call call, WebhookChange asked) {
    Principal principal = call.principal();
    String checked = asked.url() == null ? null : targets.check(asked.url());
    var types = asked.events() == null ? null : Rules.types(asked.events());
    var headers = asked.headers() == null ? null : CustomHeaders.check(asked.headers());
    var metadata = Rules.metadata(asked.metadata());
    var _ = Rules.version(asked.apiVersion());
    return store.transaction(
        principal,
        tx -> {
          Webhook old = lock(tx, call.path("id"));
          Map<String, String> attributes = new java.util.LinkedHashMap<>(old.filter().attributes());
          Map<String, String> wanted = Rules.attributes(principal, asked.attributes());
          Rules.requireOwn(tx, wanted);
          attributes.putAll(wanted);
          EventFilter.ATTRIBUTES.stream()
              .filter(a -> call.has(a) && call.json().path(a).isNull())
              .forEach(attributes::remove);
          attributes.putAll(Rules.attributes(principal, WantedAttributes.of(Map.of())));
          Webhook changed =
              Changes.applied(
                  old,
                  asked,
                  checked == null ? old.url() : checked,
                  new EventFilter(types == null ? old.types() : types, attributes),
                  headers == null ? null : secrets.sealHeaders(tx, old.id(), headers),
                  asked.metadata() == null ? old.metadata() : metadata);
          if (asked.secret() != null) {
            changed = rotated(tx, changed, asked.secret(), OVERLAP);
          }
          Webhook stored = WebhookTable.update(tx, changed);
          tx.event(
              stored.event(
                  "webhook.updated",
                  Map.of("name", stored.name(), "url", stored.url(), "active", stored.active())));
          return view(tx, stored, null);
        });
  }

  WebhookView rotate(Call call, NewSecret asked) {
    String secret = asked.secret() == null ? Signature.newSecret() : asked.secret();
    Integer overlap = asked.overlapSeconds();
    return store.transaction(
        call.principal(),
        tx -> {
          Webhook rotated =
              rotated(
                  tx,
                  lock(tx, call.path("id")),
                  secret,
                  overlap == null ? OVERLAP : Duration.ofSeconds(overlap));
          Webhook stored = WebhookTable.update(tx, rotated);
          tx.event(stored.event("webhook.updated", Map.of("secret_rotated", true)));
          WebhookView view = view(tx, stored, secret);
          call.idempotentAnswer(tx, view, stored.id());
          return view;
        });
  }

  void delete(Call call) {
    store.execute(
        call.principal(),
        tx -> {
          Webhook gone = lock(tx, call.path("id"));
          WebhookTable.delete(tx, gone.id());
          tx.sql()
              .execute(
                  "delete from idempotency where org = ? and resource = ?",
                  tx.org().value(),
                  gone.id());
          tx.event(gone.event("webhook.deleted", Map.of("name", gone.name(), "url", gone.url())));
        });
  }

  /** What is needed to send to a webhook that the transaction may see. */
  Outgoing outgoing(Tx tx, String id) {
    Webhook webhook = require(tx, id);
    return new Outgoing(
        webhook, secrets.headers(tx, webhook), secrets.signing(tx, webhook, Instant.now()));
  }

  static Webhook require(Tx tx, String id) {
    return WebhookTable.find(tx, id).orElseThrow(() -> unknown(id));
  }

  private static Webhook lock(Tx tx, String id) {
    return WebhookTable.lock(tx, id).orElseThrow(() -> unknown(id));
  }

  private Webhook rotated(Tx tx, Webhook webhook, String secret, Duration overlap) {
    return Changes.rotated(
        webhook, secrets.sealSecret(tx, webhook.id(), secret), Secrets.preview(secret), overlap);
  }

  private WebhookView view(Tx tx, Webhook webhook, @Nullable String secret) {
    return WebhookView.of(webhook, secrets.headers(tx, webhook), secret);
  }

  private static String host(String url) {
    String host = java.net.URI.create(url).getHost();
    return host.length() > 128 ? host.substring(0, 128) : host;
  }

  private static AtollException unknown(String id) {
    return AtollException.of(ErrorCode.NOT_FOUND, "webhook " + id);
  }
}
