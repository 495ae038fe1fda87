package com.atoll.edge.egress;

import com.atoll.edge.routes.Feed;
import com.atoll.edge.routes.Route;
import com.atoll.model.CarrierHeader;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The secrets that belong into requests. Their values are in memory only, and not for long. */
final class Injections {
  private static final int MOST = 1_000;
  private static final long LIFE = 60_000_000_000L;
  private static final String PLAIN = "http://";

  /** A header of a request. */
  record Header(String name, String value) {
    /**
     * Puts it into a request; false when none can carry it. Secrets are older than the rules for
     * them, so that it is looked at here too.
     */
    boolean into(HttpHeaders headers) {
      if (!CarrierHeader.isFree(name) || !CarrierHeader.arrives(value)) {
        return false;
      }
      headers.set(name, value);
      return true;
    }
  }

  private record Key(String secretId, long version, String sandboxId) {}

  private record Kept(Header header, long at, long expiresUnixMs) {
    boolean isFresh() {
      return System.nanoTime() - at < LIFE && System.currentTimeMillis() < expiresUnixMs;
    }
  }

  private final Feed feed;
  private final Map<Key, Kept> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Kept> eldest) {
          return size() > MOST;
        }
      };

  Injections(Feed feed) {
    this.feed = feed;
  }

  /** The secret that belongs into a request for this host; null for none. */
  static Route.@Nullable EgressSecret secret(Route.Egress policy, String host, boolean secure) {
    for (Route.EgressSecret secret : policy.secrets()) {
      for (String named : secret.hosts()) {
        boolean plain = named.startsWith(PLAIN);
        String pattern = plain ? named.substring(PLAIN.length()) : named;
        if (plain != secure && Decider.fits(pattern, host)) {
          return secret;
        }
      }
    }
    return null;
  }

  /** The header of a secret; empty when it has ended, failed when nobody can tell. */
  CompletableFuture<@Nullable Header> header(Route.Egress policy, Route.EgressSecret secret) {
    Key key = new Key(secret.id(), secret.version(), policy.sandboxId());
    synchronized (kept) {
      Kept known = kept.get(key);
      if (known != null && known.isFresh()) {
        return CompletableFuture.completedFuture(known.header());
      }
      kept.remove(key);
    }
    return feed.secret(secret.id(), policy.sandboxId()).thenApply(answer -> take(key, answer));
  }

  private @Nullable Header take(Key key, JsonNode answer) {
    if (!answer.path("ok").asBoolean(false)) {
      return null;
    }
    Header header =
        new Header(answer.path("header").asString(""), answer.path("value").asString(""));
    synchronized (kept) {
      kept.put(key, new Kept(header, System.nanoTime(), answer.path("expires_unix_ms").asLong(0)));
    }
    return header;
  }
}
