package com.atoll.server.projects;

import com.atoll.server.http.Call;
import com.atoll.server.store.Tx;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/**
 * The environment of a project that a call is about.
 *
 * @param isDefault whether it is meant when none is named
 */
public record EnvironmentRef(String projectId, String id, String slug, boolean isDefault) {

  /**
   * The one that the path names in {@code id} and {@code environment_id}, of a project of the
   * caller's own; NOT_FOUND.
   *
   * @param lock whether the project is locked, so that what is counted in it stays true
   */
  public static EnvironmentRef of(Tx tx, Call call, boolean lock) {
    String project = Projects.id(tx, call, lock);
    Projects.requireOwn(tx, call, project);
    return of(tx, project, call.path("environment_id"));
  }

  /** The one of a project with this id or slug, the default one when null; NOT_FOUND. */
  static EnvironmentRef of(Tx tx, String project, @Nullable String reference) {
    Environments.ensure(tx, project);
    Record row = Environments.row(tx, project, reference);
    return new EnvironmentRef(
        project,
        row.get("id", String.class),
        row.get("slug", String.class),
        row.get("is_default", Boolean.class));
  }
}
