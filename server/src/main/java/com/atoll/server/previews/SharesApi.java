package com.atoll.server.previews;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.store.Store;
import com.fasterxml.jackson.annotation.JsonAlias;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** Tokens and shares of a whole sandbox. */
final class SharesApi {
  private static final int HOUR = 3600;
  private static final int MOST = 1_000;
  private static final List<String> SIZES = List.of("limit", "per_page", "page_size", "page");
  private static final String LISTED =
      """
      sandbox_id = ? and kind in ('sandbox', 'token')
        and revoked_at is null and (expires_at is null or expires_at > now())\
      """;

  private final Sandboxes sandboxes;
  private final Previews previews;
  private final Store store;

  SharesApi(Sandboxes sandboxes, Previews previews, Store store) {
    this.sandboxes = sandboxes;
    this.previews = previews;
    this.store = store;
  }

  /** A token to mint. */
  record Mint(
      @Doc(
              "Seconds until it ends; a token lasts 3600 by default, a share has no end. What a scoped token asks for ends with that token at the latest.")
          @JsonAlias({"expires_in_sec", "ttl_seconds"})
          @Nullable Integer expiresIn,
      @Doc("read (default): only looking; interact: everything.") @Nullable String scope) {}

  /** A token, shown this once. */
  record Minted(
      @Doc("The token.") String token,
      @Doc("Link to the default port, with the token.") String url,
      @Doc("When it ends.") Instant expiresAt,
      @Doc("read or interact.") String scope) {}

  /** A share. */
  record ShareView(
      @Doc("Id.") String id,
      @Doc("Same as id.") String shareId,
      @Doc("Its sandbox.") String sandboxId,
      @Doc("The link with the token; shown once, when it is made.") @Nullable String shareUrl,
      @Doc("Beginning of its token.") String tokenPrefix,
      @Doc("When it ends.") @Nullable Instant expiresAt,
      @Doc("read or interact.") String scope,
      @Doc("When it was made.") Instant createdAt) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        PreviewsApi.declare(
                Operation.post("/sandboxes/:id/preview-token"),
                "preview_token",
                "Mints a token that opens the private ports of a sandbox; one that lets others do more than look needs"
                    + " the scope sandboxes:write. The list of shares has it, too, and ends it.")
            .idempotency(Idempotency.NEVER)
            .request(Mint.class)
            .response(Minted.class, Envelope.FLAT_MIRROR)
            .handle(this::mint),
        PreviewsApi.declare(
                Operation.post("/sandboxes/:id/shares"), "shares.create", "Shares a sandbox.")
            .priority("P2")
            .scope("sandboxes:write")
            .idempotency(Idempotency.NEVER)
            .request(Mint.class)
            .response(ShareView.class, Envelope.FLAT_MIRROR)
            .status(201)
            .handle(this::share),
        PreviewsApi.declare(
                Operation.get("/sandboxes/:id/shares"),
                "shares.list",
                "Lists shares and tokens, newest first; 1000 where no number is asked for.")
            .priority("P2")
            .list(ShareView.class)
            .handle(this::list),
        PreviewsApi.declare(
                Operation.delete("/sandboxes/:id/shares/:share_id"),
                "shares.delete",
                "Ends a share or a token.")
            .errors(ErrorCode.NOT_FOUND)
            .priority("P2")
            .scope("sandboxes:write")
            .idempotency(Idempotency.NATURAL)
            .run(this::delete));
  }

  private Sandbox sandbox(Call call) {
    return sandboxes.require(call.principal(), call.path("id"));
  }

  private Minted mint(Call call, Mint body) {
    Sandbox sandbox = sandbox(call);
    String scope = scope(body.scope());
    if (scope.equals("interact")) {
      call.principal().requireScope("sandboxes:write");
    }
    Integer asked = PreviewsApi.seconds("expires_in", body.expiresIn());
    int seconds = asked == null ? HOUR : asked;
    PreviewToken token =
        PreviewToken.mint(
            call.principal(), PreviewToken.Kind.TOKEN, sandbox.id(), null, null, scope, seconds);
    var _ = previews.mint(call.principal(), sandbox, token);
    OffsetDateTime expires = token.expiresAt();
    return new Minted(
        token.value(),
        url(sandbox) + "?preview_token=" + token.value(),
        expires == null ? Instant.MAX : expires.toInstant(),
        scope);
  }

  private ShareView share(Call call, Mint body) {
    Sandbox sandbox = sandbox(call);
    PreviewToken token =
        PreviewToken.mint(
            call.principal(),
            PreviewToken.Kind.SANDBOX,
            sandbox.id(),
            null,
            null,
            scope(body.scope()),
            PreviewsApi.seconds("expires_in", body.expiresIn()));
    OffsetDateTime made = previews.mint(call.principal(), sandbox, token);
    return new ShareView(
        token.id(),
        token.id(),
        sandbox.id(),
        url(sandbox) + "?ms=" + token.value(),
        token.shown(),
        PreviewView.instant(token.expiresAt()),
        token.scope(),
        made.toInstant());
  }

  private Page<ShareView> list(Call call) {
    Sandbox sandbox = sandbox(call);
    Paging paging = paging(call);
    return store.transaction(
        call.principal(),
        tx -> {
          List<ShareView> oneMore =
              tx.sql()
                  .fetch(
                      "select * from preview_tokens where "
                          + LISTED
                          + " and (cast(? as text) is null or id < ?)"
                          + " order by id desc limit ? offset ?",
                      sandbox.id(),
                      paging.after(),
                      paging.after(),
                      paging.limit() + 1,
                      paging.offset())
                  .map(SharesApi::view);
          long total =
              tx.sql()
                  .fetchSingle("select count(*) from preview_tokens where " + LISTED, sandbox.id())
                  .get(0, Long.class);
          return Page.of(oneMore, paging, total, ShareView::id);
        });
  }

  /** Who does not say how many gets as many as a page holds, as before there were pages. */
  static Paging paging(Call call) {
    Paging asked = call.paging();
    boolean said = SIZES.stream().anyMatch(name -> call.query(name) != null);
    return said ? asked : new Paging(MOST, asked.offset(), asked.after());
  }

  private void delete(Call call) {
    Sandbox sandbox = sandbox(call);
    String id = call.path("share_id");
    store.execute(
        call.principal(),
        tx -> {
          String kind =
              tx.sql()
                  .fetchOptional(
                      """
                      update preview_tokens set revoked_at = now()
                      where id = ? and sandbox_id = ? and kind in ('sandbox', 'token')
                        and revoked_at is null returning kind\
                      """,
                      id,
                      sandbox.id())
                  .map(row -> row.get(0, String.class))
                  .orElseThrow(() -> AtollException.of(ErrorCode.NOT_FOUND, "share " + id));
          if (kind.equals("sandbox")) {
            tx.event(Previews.shareEvent("sandbox.share.revoked", 2, sandbox, id));
          }
        });
    previews.forgetGrants(sandbox);
  }

  private String url(Sandbox sandbox) {
    return sandboxes.url(sandbox, sandboxes.defaultPort(sandbox));
  }

  private static ShareView view(Record row) {
    String id = row.get("id", String.class);
    return new ShareView(
        id,
        id,
        row.get("sandbox_id", String.class),
        null,
        row.get("prefix", String.class),
        PreviewView.instant(row.get("expires_at", OffsetDateTime.class)),
        row.get("scope", String.class),
        row.get("created_at", OffsetDateTime.class).toInstant());
  }

  private static String scope(@Nullable String scope) {
    String chosen = scope == null ? "read" : scope;
    if (!chosen.equals("read") && !chosen.equals("interact")) {
      throw AtollException.invalid("scope", "must be read or interact");
    }
    return chosen;
  }
}
