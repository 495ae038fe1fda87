package com.atoll.server.templates;

import com.atoll.model.AtollException;
import com.atoll.model.Ids;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The ids of builds. A caller may make one itself, so that it knows the build before it has asked
 * for it. Builds are ordered by when their ids were made: one of another day is refused.
 */
final class BuildIds {
  private static final long OLDEST_MS = Duration.ofDays(1).toMillis();
  private static final long NEWEST_MS = Duration.ofMinutes(5).toMillis();

  private BuildIds() {}

  /** The caller's id when it is good, or a new one. */
  static String of(@Nullable String given) {
    if (given == null) {
      return Ids.next(Templates.BUILD);
    }
    if (!Ids.is(Templates.BUILD, given) || !isOfToday(given)) {
      throw AtollException.invalid("build_id", "is no id of a build that was made today");
    }
    return given;
  }

  private static boolean isOfToday(String id) {
    long madeAt = Ids.decode(id.substring(Templates.BUILD.length() + 1))[0] >>> 16;
    long age = System.currentTimeMillis() - madeAt;
    return age < OLDEST_MS && age > -NEWEST_MS;
  }
}
