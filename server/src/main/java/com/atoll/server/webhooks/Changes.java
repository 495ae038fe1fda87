package com.atoll.server.webhooks;

import com.atoll.server.events.EventFilter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Webhooks with some of their fields changed. */
final class Changes {
  private Changes() {}

  static Webhook applied(
      Webhook w,
      WebhookChange c,
      String url,
      EventFilter filter,
      byte @Nullable [] headers,
      Map<String, Object> metadata) {
    boolean revived = Boolean.TRUE.equals(c.active());
    return new Webhook(
        w.id(),
        w.org(),
        c.name() == null ? w.name() : c.name(),
        url,
        c.apiVersion() == null ? w.apiVersion() : c.apiVersion(),
        filter,
        c.active() == null ? w.active() : c.active(),
        c.ordered() == null ? w.ordered() : c.ordered(),
        headers == null ? w.headers() : headers,
        w.secret(),
        w.secretPreview(),
        w.oldSecret(),
        w.oldSecretUntil(),
        c.retryCount() == null ? w.retryCount() : c.retryCount(),
        metadata,
        revived ? 0 : w.failures(),
        revived ? null : w.disabledReason(),
        revived ? null : w.disabledAt(),
        w.version(),
        w.createdAt(),
        w.updatedAt());
  }

  /** With another secret; the one before signs too for this long. */
  static Webhook rotated(Webhook w, byte[] secret, String preview, Duration overlap) {
    boolean none = overlap.isZero();
    return new Webhook(
        w.id(),
        w.org(),
        w.name(),
        w.url(),
        w.apiVersion(),
        w.filter(),
        w.active(),
        w.ordered(),
        w.headers(),
        secret,
        preview,
        none ? null : w.secret(),
        none ? null : Instant.now().plus(overlap),
        w.retryCount(),
        w.metadata(),
        w.failures(),
        w.disabledReason(),
        w.disabledAt(),
        w.version(),
        w.createdAt(),
        w.updatedAt());
  }

  static Webhook disabled(Webhook w, String reason) {
    return new Webhook(
        w.id(),
        w.org(),
        w.name(),
        w.url(),
        w.apiVersion(),
        w.filter(),
        false,
        w.ordered(),
        w.headers(),
        w.secret(),
        w.secretPreview(),
        w.oldSecret(),
        w.oldSecretUntil(),
        w.retryCount(),
        w.metadata(),
        w.failures(),
        reason,
        Instant.now(),
        w.version(),
        w.createdAt(),
        w.updatedAt());
  }

  static EventFilter filter(List<String> types, Map<String, String> attributes) {
    return new EventFilter(types.stream().map(String::strip).distinct().toList(), attributes);
  }
}
