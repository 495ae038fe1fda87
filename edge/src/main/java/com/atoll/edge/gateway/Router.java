package com.atoll.edge.gateway;

import com.atoll.edge.hosts.Hosts;
import com.atoll.edge.hosts.Target;
import com.atoll.edge.routes.Feed;
import com.atoll.edge.routes.Route;
import com.atoll.edge.routes.RouteTable;
import com.atoll.edge.routes.Woken;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Decides what becomes of a request, from its host and the route table alone. */
final class Router {
  /**
   * The ports at which SDKs of E2B reach a sandbox, and its interpreters; the API answers there.
   */
  static final Set<Integer> E2B_PORTS = Set.of(49_983, 49_999);

  private static final String E2B_PATH = "/e2b/host/";

  private final RouteTable table;
  private final Feed feed;
  private final PreviewGate gate;
  private final Devtools devtools;
  private final Limits limits;
  private final AtomicInteger turn = new AtomicInteger();

  Router(Hosts hosts, RouteTable table, Feed feed, Limits limits) {
    this.table = table;
    this.feed = feed;
    this.gate = new PreviewGate(feed, table, new Origins(hosts, table));
    this.devtools = new Devtools(gate, feed, limits);
    this.limits = limits;
  }

  Decision route(Request request) {
    return switch (request.target()) {
      case Target.Api api -> api(request, request.path(), Passage.of(request));
      case Target.SandboxPort preview -> preview(request, preview, table.sandbox(preview.slug()));
      case Target.Named named -> named(request, named.host());
      case Target.Unknown unknown -> noRoute(request);
    };
  }

  private Decision api(Request request, String path, @Nullable Passage passage) {
    return ApiDestination.understands(request.pathOnly())
        ? new Decision.Pass(new ApiDestination(limits, passage), path)
        : reply(
            Answer.of(
                400,
                "INVALID_REQUEST",
                "The request is malformed: the path is malformed.",
                "Escape what stands between the slashes of a path as RFC 3986 says; it holds no"
                    + " NUL."));
  }

  private Decision named(Request request, String host) {
    RouteTable.Preview preview = table.preview(host);
    return preview == null
        ? site(request, host)
        : preview(request, preview.target(), table.sandbox(preview));
  }

  private Decision preview(
      Request request, Target.SandboxPort preview, Route.@Nullable Sandbox sandbox) {
    if (E2B_PORTS.contains(preview.port())) {
      return api(request, E2B_PATH + preview.slug() + request.path(), null);
    }
    if (sandbox == null || sandbox.state() == Route.State.DESTROYED) {
      return reply(
          Answer.of(
              404,
              sandbox == null ? "sandbox_not_found" : "SANDBOX_DESTROYED",
              sandbox == null
                  ? "There is no sandbox with this name."
                  : "This sandbox has been destroyed.",
              "Check the host name: {port}-{name}.sandbox.{domain}."));
    }
    int port = preview.port();
    if (port == Devtools.PORT) {
      Decision tools = devtools.decide(request, sandbox, onward -> running(sandbox, onward));
      if (tools != null) {
        return tools;
      }
    }
    Route.Closing closed = sandbox.closed(port);
    if (closed != null) {
      return reply(ended(closed));
    }
    if (sandbox.declaredOnly() && !sandbox.exposed().contains(port)) {
      return reply(
          Answer.of(
              404,
              "PORT_NOT_EXPOSED",
              "Port " + port + " of this sandbox is not published.",
              "Its policy publishes declared ports only: expose this one first."));
    }
    if (sandbox.privatePorts().contains(port)) {
      return gate.admit(
          sandbox, port, request, (cookie, permit) -> pass(request, sandbox, port, cookie, permit));
    }
    return pass(request, sandbox, port, null, null);
  }

  private static Answer ended(Route.Closing closed) {
    return Answer.of(
        410,
        closed.expired() ? "PREVIEW_EXPIRED" : "PREVIEW_DELETED",
        closed.expired() ? "This preview has expired." : "This preview was deleted.",
        "Ask its owner for a new one: the port stays closed until it is exposed again or gets"
            + " another preview.");
  }

  private Decision pass(
      Request request,
      Route.Sandbox sandbox,
      int port,
      @Nullable String cookie,
      @Nullable Permit permit) {
    return running(
        sandbox,
        now ->
            new Decision.Pass(
                new SandboxDestination(now, port, feed, limits),
                Tokens.withoutTokens(request.path()),
                cookie,
                permit));
  }

  /** Goes on with the sandbox once it runs. */
  private Decision running(Route.Sandbox sandbox, Function<Route.Sandbox, Decision> onward) {
    feed.activity(sandbox.sandboxId());
    return switch (sandbox.state()) {
      case RUNNING -> onward.apply(sandbox);
      case PAUSED ->
          new Decision.Later(feed.wake(sandbox).thenApply(woken -> awake(sandbox, onward, woken)));
      case DESTROYED ->
          reply(Answer.of(404, "SANDBOX_DESTROYED", "This sandbox has been destroyed."));
    };
  }

  private Decision awake(
      Route.Sandbox paused, Function<Route.Sandbox, Decision> onward, Woken woken) {
    return switch (woken) {
      case Woken.Running running -> {
        Route.Sandbox now = table.sandbox(paused.slug());
        yield now == null || now.state() != Route.State.RUNNING
            ? reply(Answer.busy("SANDBOX_STARTING", "The sandbox is still waking up.", 1))
            : running(now, onward);
      }
      case Woken.Refused refused ->
          reply(new Answer(503, refused.code(), refused.message(), "", Map.of("Retry-After", "5")));
      case Woken.Away away ->
          reply(
              Answer.busy(
                  "SERVICE_UNAVAILABLE",
                  "The sandbox sleeps and cannot be woken at this moment.",
                  2));
    };
  }

  private Decision site(Request request, String host) {
    Route.Site site = table.site(host);
    return switch (site) {
      case null -> noRoute(request);
      case Route.StaticSite files -> new Decision.Serve(files);
      case Route.Instances running ->
          new Decision.Pass(
              new InstancesDestination(running, turn.getAndIncrement(), limits), request.path());
      case Route.Stopped stopped ->
          reply(
              new Answer(
                  503,
                  "DEPLOYMENT_STOPPED",
                  "This site is stopped.",
                  "Its owner can start it again by promoting a version.",
                  Map.of("Retry-After", "60")));
    };
  }

  private static Decision noRoute(Request request) {
    return reply(
        Answer.of(
            404,
            "NOT_FOUND",
            "Nothing is served for the host " + request.host() + ".",
            "Check the name. A sandbox's port is {port}-{name}.sandbox.{domain}; a deployment's"
                + " address is its public_url."));
  }

  private static Decision reply(Answer answer) {
    return new Decision.Reply(answer);
  }
}
