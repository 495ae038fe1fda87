package com.atoll.server.tokens;

import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import com.atoll.server.policies.Policies;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Short-lived credentials over HTTP. */
public final class TokensApi implements Capability {
  /** Where no policy says otherwise. */
  private static final int LONGEST_BROWSER_SECONDS = 3600;

  private static final String BROWSER_POLICY = "max_browser_token_sec";

  private final Store store;
  private final Tickets tickets;
  private final Minting minting;

  /**
   * The API of tickets and tokens.
   *
   * @param scopes the names that scopes may have
   */
  public TokensApi(Store store, Tickets tickets, Tokens tokens, ScopeNames scopes) {
    this.store = store;
    this.tickets = tickets;
    minting = new Minting(store, tokens.form(), scopes, TokensApi::ceiling);
  }

  private static int ceiling(Tx tx, @Nullable String workspace, @Nullable String user) {
    Integer most = Policies.read(tx, workspace, user).number("lifecycle", BROWSER_POLICY);
    return most == null ? LONGEST_BROWSER_SECONDS : most;
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return List.of(
        ticket("/auth/sse-ticket", "tokens.sse_ticket"),
        ticket("/sse/ticket", "tokens.key_sse_ticket"),
        Operation.post("/tokens/scoped")
            .id("tokens.scoped.create")
            .summary(
                "Makes a delegation token for an end user, which is never more than its minter.")
            .priority("P2")
            .anyScope()
            .delegable()
            .idempotency(Idempotency.KEY)
            .request(NewScoped.class)
            .response(TokenView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.SANDBOX_NOT_FOUND, ErrorCode.WORKSPACE_FORBIDDEN)
            .handle(minting::scoped),
        list(
            "/tokens/scoped",
            "tokens.scoped.list",
            "Lists the delegation tokens that count.",
            "delegation"),
        revoke("/tokens/scoped/:id", "tokens.scoped.delete", "delegation"),
        Operation.post("/sandboxes/:id/browser-token")
            .id("tokens.browser.create_one")
            .summary("Makes a token with which a browser reaches one sandbox.")
            .priority("P2")
            .scope("sandboxes:read")
            .idempotency(Idempotency.NEVER)
            .request(NewOne.class)
            .response(TokenView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.SANDBOX_NOT_FOUND)
            .handle((call, body) ->
                minting.browser(call, List.of(call.path("id")), body.scopes(), body.expiresIn())),
        Operation.post("/tokens/browser")
            .id("tokens.browser.create")
            .summary("Makes a token with which a browser reaches a set of sandboxes.")
            .priority("P2")
            .scope("sandboxes:read")
            .idempotency(Idempotency.NEVER)
            .request(NewBrowser.class)
            .response(TokenView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.SANDBOX_NOT_FOUND)
            .handle((call, body) ->
                minting.browser(call, body.sandboxIds(), body.scopes(), body.expiresIn())),
        list(
            "/tokens/browser",
            "tokens.browser.list",
            "Lists the browser tokens that count.",
            "browser"),
        Operation.post("/tokens/browser/:id/refresh")
            .id("tokens.browser.refresh")
            .summary(
                "Lets a browser token last longer; for the server side, never for the browser.")
            .priority("P2")
            .scope("sandboxes:read")
            .idempotency(Idempotency.NEVER)
            .request(Renewal.class)
            .response(TokenView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.RESOURCE_STATE)
            .handle(minting::renew),
        revoke("/tokens/browser/:id", "tokens.browser.delete", "browser"));
  }

  private Operation<?, ?> ticket(String path, String id) {
    return Operation.post(path)
        .id(id)
        .summary("Makes a ticket with which a browser opens an event stream.")
        .priority("P1")
        .anyScope()
        .delegable()
        .readOnly()
        .idempotency(Idempotency.NEVER)
        .request(NewTicket.class)
        .response(TicketView.class, Envelope.FLAT)
        .handle((call, body) -> tickets.mint(call));
  }

  private Operation<?, ?> list(String path, String id, String summary, String kind) {
    return Operation.get(path)
        .id(id)
        .summary(summary)
        .priority("P2")
        .anyScope()
        .delegable()
        .list(TokenView.class)
        .query("user_id", "Only those of this end user.")
        .query("workspace_id", "Only those of this workspace.")
        .handle(call -> page(call, kind));
  }

  private Page<TokenView> page(Call call, String kind) {
    Principal asking = call.principal();
    Map<String, String> filters = new TreeMap<>();
    for (String name : List.of("user_id", "workspace_id")) {
      String value = call.query(name);
      if (value != null) {
        filters.put(name, value);
      }
    }
    return store.transaction(
        asking,
        tx ->
            TokenTable.list(tx, kind, filters, Minting.above(asking), call.paging())
                .map(row -> TokenView.of(row, null)));
  }

  private Operation<?, ?> revoke(String path, String id, String kind) {
    OperationBuilder<NoBody, NoBody> declared = Operation.delete(path);
    return declared
        .id(id)
        .summary("Revokes a token, and those that came of it, at once.")
        .priority("P2")
        .anyScope()
        .delegable()
        .idempotency(Idempotency.NATURAL)
        .errors(ErrorCode.NOT_FOUND)
        .run(call -> minting.revoke(call, kind));
  }

  /** Forgets tokens that ended long ago. */
  public void sweep() {
    TokenTable.sweep(store);
  }
}
