package com.atoll.server.projects;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.identity.Identity;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Store;
import java.util.ArrayList;
import java.util.List;

/** Projects over HTTP. */
public final class ProjectsApi implements Capability {
  private static final String READ = "projects:read";
  private static final String WRITE = "projects:write";

  private final Projects projects;
  private final Environments environments;
  private final Variables variables;

  /** The projects of a store. */
  public ProjectsApi(Store store, Vault vault, Identity identity) {
    projects = new Projects(store, identity);
    variables = new Variables(store, vault);
    environments = new Environments(store, variables);
  }

  @Override
  public List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>(main());
    all.addAll(environments());
    all.addAll(variables());
    return all;
  }

  private List<Operation<?, ?>> main() {
    return List.of(
        declare(Operation.get("/projects"), "list", "Lists projects.", "P2", READ)
            .list(Views.ProjectView.class)
            .query("workspace_id", "Only projects of this workspace, by id, slug or name.")
            .query("external_workspace_id", "Only projects with this attribution.")
            .query("external_user_id", "Only projects with this attribution.")
            .query("external_project_id", "Only projects with this attribution.")
            .handle(projects::list),
        declare(
                Operation.get("/workspaces/:workspace_id/projects"),
                "of_workspace",
                "Lists the projects of a workspace.",
                "P3",
                READ)
            .list(Views.ProjectView.class)
            .errors(ErrorCode.NOT_FOUND)
            .query("external_workspace_id", "Only projects with this attribution.")
            .query("external_user_id", "Only projects with this attribution.")
            .query("external_project_id", "Only projects with this attribution.")
            .handle(projects::list),
        declare(Operation.post("/projects"), "create", "Makes a project.", "P2", WRITE)
            .idempotency(Idempotency.KEY)
            .request(Views.NewProject.class)
            .response(Views.ProjectView.class, Envelope.DATA)
            .status(201)
            .errors(ErrorCode.SLUG_TAKEN, ErrorCode.WORKSPACE_NOT_FOUND)
            .handle(projects::create),
        declare(Operation.get("/projects/:id"), "get", "Reads a project.", "P2", READ)
            .response(Views.ProjectView.class, Envelope.DATA)
            .errors(ErrorCode.NOT_FOUND)
            .handle(projects::get),
        declare(Operation.patch("/projects/:id"), "update", "Changes a project.", "P2", WRITE)
            .idempotency(Idempotency.NATURAL)
            .request(Views.Change.class)
            .response(Views.ProjectView.class, Envelope.DATA)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.SLUG_TAKEN)
            .handle(projects::update),
        declare(
                Operation.delete("/projects/:id"),
                "delete",
                "Removes a project that owns nothing.",
                "P2",
                WRITE)
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.CONFLICT)
            .run(projects::delete),
        declare(
                Operation.post("/projects/:id/move"),
                "move",
                "Moves a project that owns nothing to another workspace.",
                "P3",
                WRITE)
            .idempotency(Idempotency.NATURAL)
            .request(Views.Move.class)
            .response(Views.ProjectView.class, Envelope.DATA)
            .errors(
                ErrorCode.NOT_FOUND,
                ErrorCode.CONFLICT,
                ErrorCode.WORKSPACE_NOT_FOUND,
                ErrorCode.SLUG_TAKEN)
            .handle(projects::move),
        declare(
                Operation.get("/projects/:id/summary"),
                "summary",
                "Reads a project and counts what it owns.",
                "P3",
                READ)
            .response(Views.Summary.class, Envelope.DATA)
            .errors(ErrorCode.NOT_FOUND)
            .handle(projects::summary),
        declare(
                Operation.get("/project-capabilities"),
                "capabilities",
                "Says what projects of this server can do.",
                "P3",
                READ)
            .response(Views.Capabilities.class, Envelope.DATA)
            .handle(call ->
                new Views.Capabilities(
                    true,
                    true,
                    false,
                    true,
                    true,
                    List.of("production", "staging", "development", "preview"))));
  }

  private List<Operation<?, ?>> environments() {
    String all = "/projects/:id/environments";
    String one = all + "/:environment_id";
    return List.of(
        declare(Operation.get(all), "environments.list", "Lists environments.", "P3", READ)
            .list(Views.EnvironmentView.class)
            .errors(ErrorCode.NOT_FOUND)
            .handle(environments::list),
        declare(Operation.post(all), "environments.create", "Makes an environment.", "P3", WRITE)
            .idempotency(Idempotency.KEY)
            .request(Views.NewEnvironment.class)
            .response(Views.EnvironmentView.class, Envelope.DATA)
            .status(201)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.NAME_TAKEN, ErrorCode.QUOTA_EXCEEDED)
            .handle(environments::create),
        declare(Operation.patch(one), "environments.update", "Renames one.", "P3", WRITE)
            .idempotency(Idempotency.NATURAL)
            .request(Views.EnvironmentChange.class)
            .response(Views.EnvironmentView.class, Envelope.DATA)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.NAME_TAKEN)
            .handle(environments::update),
        declare(
                Operation.delete(one),
                "environments.delete",
                "Removes an environment with its variables.",
                "P3",
                WRITE)
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.CONFLICT)
            .run(environments::delete),
        declare(
                Operation.post(one + "/duplicate"),
                "environments.duplicate",
                "Copies an environment with its variables.",
                "P3",
                WRITE)
            .idempotency(Idempotency.KEY)
            .request(Views.Duplicate.class)
            .response(Views.EnvironmentView.class, Envelope.DATA)
            .status(201)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.NAME_TAKEN, ErrorCode.QUOTA_EXCEEDED)
            .handle(environments::duplicate),
        declare(
                Operation.post(one + "/sync"),
                "environments.sync",
                "Takes over the variables of another environment, or says what that would change.",
                "P3",
                "env:write")
            .idempotency(Idempotency.NATURAL)
            .request(Views.Sync.class)
            .response(Views.Synced.class, Envelope.DATA)
            .errors(ErrorCode.NOT_FOUND)
            .handle(environments::sync));
  }

  private List<Operation<?, ?>> variables() {
    String all = "/projects/:id/shared-variables";
    return List.of(
        declare(
                Operation.get(all),
                "variables.list",
                "Lists shared variables, without their values.",
                "P3",
                "env:read")
            .list(Views.VariableView.class)
            .query("env", "The environment, by id or slug; the default one when absent.")
            .errors(ErrorCode.NOT_FOUND)
            .handle(variables::list),
        declare(
                Operation.put(all),
                "variables.set",
                "Sets shared variables; the others stay.",
                "P3",
                "env:write")
            .idempotency(Idempotency.NATURAL)
            .request(Views.Variables.class)
            .list(Views.VariableView.class)
            .query("env", "The environment, by id or slug, when the body names none.")
            .errors(ErrorCode.NOT_FOUND, ErrorCode.QUOTA_EXCEEDED)
            .handle(variables::set),
        declare(
                Operation.delete(all + "/:name"),
                "variables.delete",
                "Removes a shared variable.",
                "P3",
                "env:write")
            .idempotency(Idempotency.NATURAL)
            .query("env", "The environment, by id or slug; the default one when absent.")
            .errors(ErrorCode.NOT_FOUND)
            .run(variables::delete));
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> builder,
      String name,
      String summary,
      String priority,
      String scope) {
    return builder.id("projects." + name).summary(summary).priority(priority).scope(scope);
  }
}
