package com.atoll.server.snapshots;

import com.atoll.model.AtollException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How long a snapshot is to last.
 *
 * @param comment what its owner notes about it
 * @param keep whether it never expires and is never pushed out by newer ones
 * @param expirationSec seconds from its creation; null for no end
 * @param retentionSec seconds from its last use; null for no end
 * @param memory whether processes are kept too; null: when they can be
 */
record Wish(
    @Nullable String comment,
    boolean keep,
    @Nullable Integer expirationSec,
    @Nullable Integer retentionSec,
    @Nullable Boolean memory) {
  static final Wish KEEP = new Wish(null, true, null, null, null);
  private static final int LONGEST_COMMENT = 4096;
  private static final int LONGEST = 50 * 365 * 86_400;
  private static final int DAY = 86_400;

  /** What was asked for; where that is silent, what the metadata of the sandbox say. */
  static Wish of(TakeSnapshot asked, Map<String, Object> metadata) {
    String comment = asked.comment() == null ? asked.description() : asked.comment();
    if (comment != null && comment.length() > LONGEST_COMMENT) {
      throw AtollException.invalid("comment", "must be at most " + LONGEST_COMMENT + " characters");
    }
    Integer days = seconds("expiration_days", asked.expirationDays(), LONGEST / DAY);
    Integer expiration = seconds("expiration_seconds", asked.expirationSeconds(), LONGEST);
    if (expiration == null && days != null) {
      expiration = days * DAY;
    }
    Integer retention = seconds("retention_seconds", asked.retentionSeconds(), LONGEST);
    boolean keep = Boolean.TRUE.equals(asked.keep());
    if (keep && (expiration != null || retention != null)) {
      throw AtollException.invalid("keep", "contradicts a time after which it is deleted");
    }
    if (!keep && expiration == null && retention == null) {
      expiration = number(metadata.get("snapshot_expiration_sec"));
    }
    return new Wish(comment, keep, expiration, retention, asked.memory());
  }

  /** How many snapshots of a sandbox are to stay; 0 for all. */
  static int kept(Map<String, Object> metadata) {
    Object wish = metadata.get("keep_last_snapshots");
    if (wish instanceof Map<?, ?> map) {
      wish = map.get("count");
    }
    Integer count = number(wish);
    return count == null ? 0 : count;
  }

  private static @Nullable Integer number(@Nullable Object value) {
    return value instanceof Number number && number.longValue() > 0
        ? (int) Math.min(number.longValue(), LONGEST)
        : null;
  }

  private static @Nullable Integer seconds(String field, @Nullable Integer value, int most) {
    if (value != null && (value < 1 || value > most)) {
      throw AtollException.invalid(field, "must be between 1 and " + most);
    }
    return value;
  }
}
