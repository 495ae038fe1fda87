package com.atoll.edge.gateway;

import com.atoll.edge.hosts.Hosts;
import com.atoll.edge.hosts.Target;
import com.atoll.edge.routes.Route;
import com.atoll.edge.routes.RouteTable;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whose page a request with a visitor's cookie comes from. All previews are one site to a browser,
 * which therefore sends the cookie from the pages of every sandbox (RFC 6455, section 10.2).
 */
final class Origins {
  private static final Pattern WEB = Pattern.compile("https?://([^/?#@]+)");

  private final Hosts hosts;
  private final RouteTable table;

  Origins(Hosts hosts, RouteTable table) {
    this.hosts = hosts;
    this.table = table;
  }

  /**
   * Whether the cookie may count. What only reads may come from anywhere: a page of another origin
   * does not see the answer. Who is no browser sends no origin.
   */
  boolean mayUseCookie(Route.Sandbox sandbox, Request request) {
    if (request.isLook()) {
      return true;
    }
    List<String> origins = request.headers().getAll(HttpHeaderNames.ORIGIN);
    return origins.stream().allMatch(origin -> isOf(sandbox, origin, request));
  }

  private boolean isOf(Route.Sandbox sandbox, String origin, Request request) {
    if (origin.equals("null")) {
      // A form of a page that sends no referrer: its browser says otherwise where it is from, in a
      // header that no page can write.
      return "same-origin".equals(request.headers().get("sec-fetch-site"));
    }
    Matcher web = WEB.matcher(origin);
    Route.Sandbox from = web.matches() ? sandboxAt(web.group(1)) : null;
    return from != null && from.sandboxId().equals(sandbox.sandboxId());
  }

  private Route.@Nullable Sandbox sandboxAt(String authority) {
    return switch (hosts.resolve(authority)) {
      case Target.SandboxPort port -> table.sandbox(port.slug());
      case Target.Named named -> {
        RouteTable.Preview preview = table.preview(named.host());
        yield preview == null ? null : table.sandbox(preview);
      }
      case Target.Api api -> null;
      case Target.Unknown unknown -> null;
    };
  }
}
