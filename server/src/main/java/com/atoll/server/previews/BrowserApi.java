package com.atoll.server.previews;

import com.atoll.model.AtollException;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Grants for the DevTools of a browser inside a sandbox. */
final class BrowserApi {
  /** Where a browser's DevTools listen. */
  static final int PORT = 9222;

  private static final int SHORTEST = 60;
  private static final int LONGEST = 604_800;
  private static final int USUAL = 3_600;

  private final Sandboxes sandboxes;
  private final Previews previews;

  BrowserApi(Sandboxes sandboxes, Previews previews) {
    this.sandboxes = sandboxes;
    this.previews = previews;
  }

  /** How long a grant of DevTools lasts. */
  record BrowserGrantWish(
      @Doc("Seconds until the grant ends, 60 to 604800; default 3600.")
          @Nullable Integer ttlSeconds) {}

  /** A grant of DevTools. */
  record BrowserGrant(
      @Doc("active.") String state,
      @Doc("Number of this grant among those of the sandbox; those before it have ended.")
          long epoch,
      @Doc("Socket of the browser, for clients that send the token as a bearer token.")
          String cdpUrl,
      @Doc("Socket of the browser, with the token in its path.") String cdpWsUrl,
      @Doc("Base of /json and /json/version, with the token in its path.") String cdpHttpUrl,
      @Doc("Id of the token.") String cdpTokenId,
      @Doc("When the grant ends.") Instant cdpExpiresAt,
      @Doc("Host of the DevTools.") String cdpHost,
      @Doc("Base of /json, for clients that send the token as a bearer token.")
          String cdpHostHttpUrl,
      @Doc("Base of /devtools, for clients that send the token as a bearer token.")
          String cdpHostWsUrl,
      @Doc("Null: a host and port cannot carry the token.") @Nullable String cdpDebuggerAddress) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        PreviewsApi.declare(
                Operation.post("/sandboxes/:id/browser/cdp-url"),
                "browser_cdp_url",
                "Mints a token for the DevTools of a browser on port 9222; the one before it ends.")
            .priority("P2")
            .scope("sandboxes:write")
            .idempotency(Idempotency.NEVER)
            .request(BrowserGrantWish.class)
            .response(BrowserGrant.class, Envelope.FLAT_MIRROR)
            .handle(this::mint));
  }

  private BrowserGrant mint(Call call, BrowserGrantWish wish) {
    Integer asked = wish.ttlSeconds();
    if (asked != null && (asked < SHORTEST || asked > LONGEST)) {
      throw AtollException.invalid(
          "ttl_seconds", "must be between " + SHORTEST + " and " + LONGEST);
    }
    Sandbox sandbox = sandboxes.require(call.principal(), call.path("id"));
    PreviewToken token =
        PreviewToken.mint(
            call.principal(),
            PreviewToken.Kind.BROWSER,
            sandbox.id(),
            null,
            PORT,
            "interact",
            asked == null ? USUAL : asked);
    long epoch = previews.mintBrowser(call.principal(), sandbox, token);
    String http = sandboxes.url(sandbox, PORT).replaceFirst("/$", "");
    String sockets = http.replaceFirst("^http", "ws");
    String path = "/cdp/" + token.value();
    return new BrowserGrant(
        "active",
        epoch,
        sockets + "/devtools/browser",
        sockets + path + "/devtools/browser",
        http + path,
        token.id(),
        Objects.requireNonNull(token.expiresAt()).toInstant(),
        URI.create(http).getAuthority(),
        http,
        sockets,
        null);
  }
}
