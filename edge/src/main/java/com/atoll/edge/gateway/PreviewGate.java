package com.atoll.edge.gateway;

import com.atoll.edge.routes.Feed;
import com.atoll.edge.routes.Grant;
import com.atoll.edge.routes.Route;
import com.atoll.edge.routes.RouteTable;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Private ports: who has a token or its cookie may pass, as long as the server's grant lasts. */
final class PreviewGate {
  private static final int MOST_GRANTS = 50_000;
  private static final Pattern COOKIE_VALUE = Pattern.compile("[A-Za-z0-9_.~+/=-]{1,512}");

  /** How many cookies of one request the server is asked about. */
  private static final int MOST_COOKIES = 8;

  /** How long a browser keeps the cookie of a token without an end of its own. */
  private static final long ENDLESS_S = 30L * 24 * 3_600;

  private final Feed feed;
  private final RouteTable table;
  private final Origins origins;
  private final Map<Key, Kept> grants = new ConcurrentHashMap<>();

  /** What becomes of a request that may pass. */
  interface Onward {
    Decision go(@Nullable String cookie, Permit permit);
  }

  private record Key(String sandboxId, int port, String token) {}

  /** A grant is good for the route it was given under: once the server sends that again, we ask. */
  private record Kept(Grant.Allowed grant, Route.Sandbox route) {
    @SuppressWarnings("ReferenceEquality") // An equal route that was sent again is another one.
    boolean isValid(Route.Sandbox now) {
      return now == route && grant.expiresUnixMs() > System.currentTimeMillis();
    }

    boolean hasEnded() {
      long until = grant.untilUnixMs();
      return until != 0 && until <= System.currentTimeMillis();
    }
  }

  PreviewGate(Feed feed, RouteTable table, Origins origins) {
    this.feed = feed;
    this.table = table;
    this.origins = origins;
  }

  /** Lets the request on to {@code onward}, or refuses it. */
  Decision admit(Route.Sandbox sandbox, int port, Request request, Onward onward) {
    String token = Tokens.inQuery(request.query());
    return token == null
        ? byCookie(sandbox, port, request, onward)
        : check(
            sandbox,
            port,
            token,
            // An old link opens nothing, and closes nothing to who has come in by another.
            () -> byCookie(sandbox, port, request, onward),
            grant -> pass(grant, true, request, onward, permit(sandbox, port, token)));
  }

  private Decision byCookie(Route.Sandbox sandbox, int port, Request request, Onward onward) {
    List<String> tokens = Tokens.inCookies(request.headers(), request.secure());
    if (!tokens.isEmpty() && !origins.mayUseCookie(sandbox, request)) {
      return new Decision.Reply(foreign());
    }
    for (String token : tokens) {
      Kept kept = grants.get(new Key(sandbox.sandboxId(), port, token));
      if (kept != null && kept.isValid(sandbox)) {
        return pass(kept.grant(), false, request, onward, permit(sandbox, port, token));
      }
    }
    return byEach(sandbox, port, request, onward, tokens.stream().limit(MOST_COOKIES).iterator());
  }

  private Decision byEach(
      Route.Sandbox sandbox, int port, Request request, Onward onward, Iterator<String> tokens) {
    if (!tokens.hasNext()) {
      return new Decision.Reply(unauthorized());
    }
    String token = tokens.next();
    return check(
        sandbox,
        port,
        token,
        () -> byEach(sandbox, port, request, onward, tokens),
        grant -> pass(grant, false, request, onward, permit(sandbox, port, token)));
  }

  private Permit permit(Route.Sandbox sandbox, int port, String token) {
    return new Permit(this, sandbox.slug(), sandbox.sandboxId(), port, token);
  }

  /**
   * Whether a token still opens a port: what is known of it, or what the server says. As long as
   * nobody can tell, it does.
   */
  CompletableFuture<Boolean> stillOpens(String slug, String sandboxId, int port, String token) {
    Route.Sandbox sandbox = table.sandbox(slug);
    if (sandbox == null
        || !sandbox.sandboxId().equals(sandboxId)
        || !sandbox.privatePorts().contains(port)) {
      // Who leaves with the sandbox is seen to elsewhere, and an open port is everybody's.
      return CompletableFuture.completedFuture(true);
    }
    Key key = new Key(sandboxId, port, token);
    Kept kept = grants.get(key);
    if (kept != null && kept.isValid(sandbox)) {
      return CompletableFuture.completedFuture(true);
    }
    return feed.grant(sandboxId, port, token)
        .thenApply(grant ->
            switch (grant) {
              case Grant.Allowed allowed -> {
                keep(key, new Kept(allowed, sandbox));
                yield true;
              }
              case Grant.Denied denied -> false;
              case Grant.Away away -> kept == null || !kept.hasEnded();
            });
  }

  /** Goes on with what the server grants, now or lately, to whoever has this token. */
  Decision check(
      Route.Sandbox sandbox,
      int port,
      String token,
      Supplier<Decision> refusal,
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
                  case Grant.Denied denied -> refusal.get();
                  case Grant.Away away ->
                      new Decision.Reply(
                          Answer.busy(
                              "SERVICE_UNAVAILABLE",
                              "Access to this private port cannot be checked now.",
                              2));
                }));
  }

  private Decision pass(
      Grant.Allowed grant, boolean byQuery, Request request, Onward onward, Permit permit) {
    if (grant.readOnly() && !request.isLook()) {
      return new Decision.Reply(
          Answer.of(
              403,
              "FORBIDDEN",
              "This link lets you look at the preview, not change it.",
              "Ask its owner for a token with the scope \"interact\"."));
    }
    if (!byQuery || !COOKIE_VALUE.matcher(grant.cookie()).matches()) {
      return onward.go(null, permit);
    }
    String cookie = Tokens.setCookie(grant.cookie(), secondsLeft(grant), request.secure());
    if (request.isGetOrHead() && request.upgrade() == null && request.isNavigation()) {
      String clean = Tokens.withoutTokens(request.path());
      // "//host" would lead elsewhere: a path never begins with two slashes here.
      String location = "/" + clean.replaceFirst("^[/\\\\]+", "");
      return new Decision.Reply(Answer.redirect(302, location, Map.of("Set-Cookie", cookie)));
    }
    return onward.go(cookie, permit);
  }

  /** A browser keeps the cookie as long as the token may be good, not just until we ask again. */
  private static long secondsLeft(Grant.Allowed grant) {
    return grant.untilUnixMs() == 0
        ? ENDLESS_S
        : Math.max(1, (grant.untilUnixMs() - System.currentTimeMillis()) / 1_000);
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

  static Answer unauthorized() {
    return Answer.of(
        401,
        "UNAUTHORIZED",
        "This preview is private.",
        "Open it with a link that carries a token: ask its owner for one.");
  }

  private static Answer foreign() {
    return Answer.of(
        403,
        "FORBIDDEN",
        "This preview is private, and the page that calls it is not of its sandbox.",
        "Call it from a page of the same sandbox, or with a token in the query.");
  }
}
