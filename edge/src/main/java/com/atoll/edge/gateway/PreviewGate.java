package com.atoll.edge.gateway;

import com.atoll.edge.routes.Feed;
import com.atoll.edge.routes.Grant;
import com.atoll.edge.routes.Route;
import io.netty.handler.codec.http.HttpMethod;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Private ports: who has a token or its cookie may pass, as long as the server's grant lasts. */
final class PreviewGate {
  private static final int MOST_GRANTS = 50_000;
  private static final Pattern COOKIE_VALUE = Pattern.compile("[A-Za-z0-9_.~+/=-]{1,512}");

  private final Feed feed;
  private final Map<Key, Kept> grants = new ConcurrentHashMap<>();

  private record Key(String sandboxId, int port, String token) {}

  /** A grant is good for the route it was given under: once the server sends that again, we ask. */
  private record Kept(Grant.Allowed grant, Route.Sandbox route) {
    @SuppressWarnings("ReferenceEquality") // An equal route that was sent again is another one.
    boolean isValid(Route.Sandbox now) {
      return now == route && grant.expiresUnixMs() > System.currentTimeMillis();
    }
  }

  PreviewGate(Feed feed) {
    this.feed = feed;
  }

  /**
   * Lets the request on to {@code onward} (called with a cookie to set, or null), or refuses it.
   */
  Decision admit(
      Route.Sandbox sandbox,
      int port,
      Request request,
      Function<@Nullable String, Decision> onward) {
    String fromQuery = Tokens.inQuery(request.query());
    String token =
        fromQuery != null ? fromQuery : Tokens.inCookies(request.headers(), request.secure());
    if (token == null) {
      return new Decision.Reply(unauthorized());
    }
    return check(
        sandbox,
        port,
        token,
        unauthorized(),
        grant -> pass(grant, fromQuery != null, request, onward));
  }

  /** Goes on with what the server grants, now or lately, to whoever has this token. */
  Decision check(
      Route.Sandbox sandbox,
      int port,
      String token,
      Answer refusal,
      Function<Grant.Allowed, Decision> onward) {
    Key key = new Key(sandbox.sandboxId(), port, token);
    Kept kept = grants.get(key);
    if (kept != null && kept.isValid(sandbox)) {
      return onward.apply(kept.grant());
    }
    return new Decision.Later(
        feed.grant(sandbox.sandboxId(), port, token)
            .thenApply(grant ->
                switch (grant) {
                  case Grant.Allowed allowed -> {
                    keep(key, new Kept(allowed, sandbox));
                    yield onward.apply(allowed);
                  }
                  case Grant.Denied denied -> new Decision.Reply(refusal);
                  case Grant.Away away ->
                      new Decision.Reply(
                          Answer.busy(
                              "SERVICE_UNAVAILABLE",
                              "Access to this private port cannot be checked now.",
                              2));
                }));
  }

  private Decision pass(
      Grant.Allowed grant,
      boolean byQuery,
      Request request,
      Function<@Nullable String, Decision> onward) {
    // What goes up a connection that was upgraded is not seen here: a terminal, for one.
    boolean reads =
        request.upgrade() == null
            && (request.isGetOrHead() || request.method().equals(HttpMethod.OPTIONS));
    if (grant.readOnly() && !reads) {
      return new Decision.Reply(
          Answer.of(
              403,
              "FORBIDDEN",
              "This link lets you look at the preview, not change it.",
              "Ask its owner for a token with the scope \"interact\"."));
    }
    if (!byQuery || !COOKIE_VALUE.matcher(grant.cookie()).matches()) {
      return onward.apply(null);
    }
    long seconds = Math.max(1, (grant.expiresUnixMs() - System.currentTimeMillis()) / 1_000);
    String cookie = Tokens.setCookie(grant.cookie(), seconds, request.secure());
    if (request.isGetOrHead() && request.upgrade() == null && request.isNavigation()) {
      String clean = Tokens.withoutTokens(request.path());
      // "//host" would lead elsewhere: a path never begins with two slashes here.
      String location = "/" + clean.replaceFirst("^[/\\\\]+", "");
      return new Decision.Reply(Answer.redirect(302, location, Map.of("Set-Cookie", cookie)));
    }
    return onward.apply(cookie);
  }

  private void keep(Key key, Kept kept) {
    if (grants.size() >= MOST_GRANTS) {
      long now = System.currentTimeMillis();
      grants.values().removeIf(old -> old.grant().expiresUnixMs() <= now);
      if (grants.size() >= MOST_GRANTS) {
        grants.clear();
      }
    }
    grants.put(key, kept);
    grants.put(new Key(key.sandboxId(), key.port(), kept.grant().cookie()), kept);
  }

  private static Answer unauthorized() {
    return Answer.of(
        401,
        "UNAUTHORIZED",
        "This preview is private.",
        "Open it with a link that carries a token: ask its owner for one.");
  }
}
