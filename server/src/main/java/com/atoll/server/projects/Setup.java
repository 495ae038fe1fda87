package com.atoll.server.projects;

import com.atoll.server.http.Call;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** What templates make of a project: environments and variables. */
public final class Setup {
  private final Variables variables;

  /** The projects of a store. */
  public Setup(Store store, Vault vault) {
    variables = new Variables(store, vault);
  }

  /** An environment, and whether it was just made. */
  public record Made(String id, boolean isNew) {}

  /** The id of the project that a call names in {@code id}, locked; NOT_FOUND. */
  public String project(Tx tx, Call call) {
    String project = Projects.id(tx, call, true);
    Environments.ensure(tx, project);
    return project;
  }

  /** The environment of a project with this slug, made when there is none. */
  public Made environment(Tx tx, String project, String name, String slug, String kind) {
    Record there =
        tx.sql()
            .fetchOne(
                "select id from project_environments where project_id = ? and slug = ?",
                project,
                slug);
    return there == null
        ? new Made(Environments.insert(tx, project, name, slug, kind).id(), true)
        : new Made(there.get(0, String.class), false);
  }

  /** The environment of a project by id or slug, the default one when null; NOT_FOUND. */
  public EnvironmentRef environmentOf(Tx tx, String project, @Nullable String reference) {
    return EnvironmentRef.of(tx, project, reference);
  }

  /** The values of an environment's variables. */
  public Map<String, String> values(Tx tx, String environment) {
    return variables.values(tx, environment);
  }

  /** Sets variables of an environment; the others stay. */
  public void set(Tx tx, EnvironmentRef in, Map<String, String> values) {
    variables.set(tx, in.projectId(), in.id(), values);
  }
}
