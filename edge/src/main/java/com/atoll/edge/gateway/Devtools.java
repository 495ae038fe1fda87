package com.atoll.edge.gateway;

import com.atoll.edge.routes.Feed;
import com.atoll.edge.routes.Route;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The DevTools of a browser inside a sandbox. They are reached with the token of a grant only: in
 * the path, {@code /cdp/<token>/…}, or as a bearer token.
 */
final class Devtools {
  static final int PORT = 9222;
  private static final String FOLDER = "/cdp/";
  private static final String TOKEN = "cdp_";
  private static final String BEARER = "Bearer ";
  private static final String BROWSER = "/devtools/browser";

  private final PreviewGate gate;
  private final Feed feed;
  private final Limits limits;

  Devtools(PreviewGate gate, Feed feed, Limits limits) {
    this.gate = gate;
    this.feed = feed;
    this.limits = limits;
  }

  /** What is asked for, without the token. */
  private record Wish(String token, String prefix, String path) {
    boolean isBrowser() {
      String plain = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
      return plain.isEmpty() || plain.equals(BROWSER);
    }
  }

  /**
   * What becomes of a request to this port; null when it is none of DevTools.
   *
   * @param running goes on with the sandbox once it runs
   */
  @Nullable Decision decide(
      Request request,
      Route.Sandbox sandbox,
      Function<Function<Route.Sandbox, Decision>, Decision> running) {
    Wish wish = wish(request);
    if (wish == null) {
      return isOfDevtools(request.pathOnly()) ? new Decision.Reply(refusal()) : null;
    }
    return gate.check(
        sandbox,
        PORT,
        wish.token(),
        () -> new Decision.Reply(refusal()),
        grant -> running.apply(now -> open(request, wish, now)));
  }

  private static boolean isOfDevtools(String path) {
    return path.equals("/json") || path.startsWith("/json/") || path.startsWith("/devtools/");
  }

  private static @Nullable Wish wish(Request request) {
    String path = request.path();
    if (path.startsWith(FOLDER + TOKEN)) {
      int end = FOLDER.length();
      while (end < path.length() && path.charAt(end) != '/' && path.charAt(end) != '?') {
        end++;
      }
      String rest = path.substring(end);
      return new Wish(
          path.substring(FOLDER.length(), end),
          path.substring(0, end),
          rest.startsWith("/") ? rest : "/" + rest);
    }
    String header = request.headers().get(HttpHeaderNames.AUTHORIZATION);
    return header != null && header.startsWith(BEARER + TOKEN)
        ? new Wish(header.substring(BEARER.length()), "", path)
        : null;
  }

  /** A browser's own socket has a name that only the browser knows. */
  private Decision open(Request request, Wish wish, Route.Sandbox sandbox) {
    if (request.upgrade() == null || !wish.isBrowser()) {
      return pass(wish, wish.path(), sandbox);
    }
    return new Decision.Later(
        feed.browser(sandbox.sandboxId())
            .thenApply(path ->
                path.isEmpty()
                    ? new Decision.Reply(
                        Answer.of(
                            502,
                            "PORT_NOT_LISTENING",
                            "No browser listens on port " + PORT + " of this sandbox.",
                            "Start one there with --remote-debugging-port=" + PORT + "."))
                    : pass(wish, path, sandbox)));
  }

  private Decision pass(Wish wish, String path, Route.Sandbox sandbox) {
    return new Decision.Devtools(
        new Decision.Pass(new SandboxDestination(sandbox, PORT, feed, limits), path),
        wish.prefix(),
        sandbox.sandboxId(),
        wish.token());
  }

  private static Answer refusal() {
    return Answer.of(
        401,
        "UNAUTHORIZED",
        "The DevTools of this browser need a token.",
        "Ask for one: POST /api/v1/sandboxes/{id}/browser/cdp-url. The next one ends it.");
  }
}
