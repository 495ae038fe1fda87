package com.atoll.server.projecttemplates;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.InnerCalls;
import com.atoll.server.http.Operation;
import com.atoll.server.http.Page;
import com.atoll.server.projects.EnvironmentRef;
import com.atoll.server.projects.Setup;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Templates of projects over HTTP. */
public final class ProjectTemplatesCapability implements Capability {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int SECRET_BYTES = 32;

  private final Store store;
  private final Setup setup;
  private final InnerCalls inner;
  private final Templates templates = new Templates();

  /** The templates of this release. */
  public ProjectTemplatesCapability(Store store, Vault vault, InnerCalls inner) {
    this.store = store;
    this.inner = inner;
    setup = new Setup(store, vault);
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/project-templates")
            .id("projects.templates.list")
            .summary("Lists the templates that projects can be filled from.")
            .priority("P3")
            .scope("projects:read")
            .list(Template.class)
            .handle(call -> Page.whole(templates.all())),
        Operation.get("/project-templates/:slug")
            .id("projects.templates.get")
            .summary("Shows a template of projects.")
            .priority("P3")
            .scope("projects:read")
            .response(Template.class, Envelope.DATA)
            .errors(ErrorCode.NOT_FOUND)
            .handle(call -> templates.require(call.path("slug"))),
        Operation.post("/projects/:id/templates/:slug/apply")
            .id("projects.templates.apply")
            .summary(
                "Makes in a project what a template describes and is not there yet: environments,"
                    + " variables, volumes, sandboxes and deployments.")
            .priority("P3")
            .scope("projects:write")
            .idempotency(Idempotency.NATURAL)
            .query("env", "Environment whose variables and deployments are made; the default one.")
            .query("deploy", "boolean", "Whether to make and publish deployments; default true.")
            .response(Views.Applied.class, Envelope.DATA)
            .errors(
                ErrorCode.NOT_FOUND,
                ErrorCode.CONFLICT,
                ErrorCode.INSUFFICIENT_SCOPE,
                ErrorCode.POLICY_FORBIDS,
                ErrorCode.QUOTA_EXCEEDED,
                ErrorCode.PLAN_CAP_EXCEEDED,
                ErrorCode.INSUFFICIENT_CREDITS,
                ErrorCode.TEMPLATE_NOT_READY,
                ErrorCode.TEMPLATE_BUILDING,
                ErrorCode.NO_CAPACITY,
                ErrorCode.NODE_UNAVAILABLE)
            .handle(this::apply));
  }

  /** The part of a template that is in the database, made in one transaction. */
  private record Ground(
      EnvironmentRef in, Map<String, String> variables, List<Views.Change> changes) {}

  private Views.Applied apply(Call call) {
    Template template = templates.require(call.path("slug"));
    boolean deploy = call.queryFlag("deploy", true);
    Ground ground = store.transaction(call.principal(), tx -> ground(tx, call, template));
    List<Views.Change> changes =
        new Application(
                store, inner, call, template, ground.in(), ground.variables(), ground.changes())
            .run(deploy);
    return new Views.Applied(
        template.slug(),
        ground.in().projectId(),
        ground.in().id(),
        ground.in().slug(),
        deploy,
        changes);
  }

  private Ground ground(Tx tx, Call call, Template template) {
    String project = setup.project(tx, call);
    List<Views.Change> changes = new ArrayList<>();
    for (Template.Environment wanted : template.environments()) {
      Setup.Made made = setup.environment(tx, project, wanted.name(), wanted.slug(), wanted.kind());
      changes.add(
          new Views.Change(
              "environment", wanted.name(), made.id(), made.isNew() ? "created" : "kept"));
    }
    EnvironmentRef in = setup.environmentOf(tx, project, call.query("env"));
    Map<String, String> wanted = new LinkedHashMap<>();
    template
        .variables()
        .forEach(v -> {
          String value = v.value();
          wanted.put(v.name(), value == null ? random() : value);
        });
    Map<String, String> before = setup.values(tx, in.id());
    Map<String, String> missing = new LinkedHashMap<>(wanted);
    missing.keySet().removeAll(before.keySet());
    setup.set(tx, in, missing);
    Map<String, String> now = new LinkedHashMap<>(before);
    now.putAll(missing);
    now.keySet().retainAll(wanted.keySet());
    wanted
        .keySet()
        .forEach(name ->
            changes.add(
                new Views.Change(
                    "variable", name, null, missing.containsKey(name) ? "created" : "kept")));
    return new Ground(in, now, changes);
  }

  private static String random() {
    byte[] bytes = new byte[SECRET_BYTES];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
