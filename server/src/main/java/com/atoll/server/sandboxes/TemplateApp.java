package com.atoll.server.sandboxes;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the app of a template runs, and where.
 *
 * @param install shell line that fetches or builds what it needs; null when its files tell
 * @param start shell line that starts it; null when there is none
 * @param ready shell line that succeeds once it is ready; null when its port tells
 * @param workdir where it runs
 * @param user who runs it
 * @param artifacts where what it makes is, below workdir unless absolute; none where the usual
 *     places are
 */
public record TemplateApp(
    @Nullable String install,
    @Nullable String start,
    @Nullable String ready,
    String workdir,
    String user,
    List<String> artifacts) {
  /** Where apps run that say nothing. */
  public static final String USUAL_WORKDIR = "/workspace";

  /** Who runs apps that say nothing. */
  public static final String USUAL_USER = "root";

  /** One of a template that says nothing. */
  public static TemplateApp usual() {
    return new TemplateApp(null, null, null, USUAL_WORKDIR, USUAL_USER, List.of());
  }
}
