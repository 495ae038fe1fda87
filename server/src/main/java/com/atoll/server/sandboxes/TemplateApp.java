package com.atoll.server.sandboxes;

import org.jspecify.annotations.Nullable;

/**
 * How the app of a template runs, and where.
 *
 * @param start shell line that starts it; null when there is none
 * @param ready shell line that succeeds once it is ready; null when its port tells
 * @param workdir where it runs
 * @param user who runs it
 */
public record TemplateApp(
    @Nullable String start, @Nullable String ready, String workdir, String user) {
  /** Where apps run that say nothing. */
  public static final String USUAL_WORKDIR = "/workspace";

  /** Who runs apps that say nothing. */
  public static final String USUAL_USER = "root";

  /** One that a template started with this line where everything is as usual. */
  public static TemplateApp usual(@Nullable String start) {
    return new TemplateApp(start, null, USUAL_WORKDIR, USUAL_USER);
  }
}
