package com.atoll.server.deployments;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.EventStream;
import com.atoll.server.http.Operation;
import com.atoll.server.http.Page;
import com.atoll.server.store.Tx;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.BiFunction;

/** What runs: processes, their logs, builds. */
final class RuntimeApi {
  private static final int MOST_LINES = 5000;

  private final Tables tables;
  private final Views views;
  private final Logs logs;

  RuntimeApi(Tables tables, Views views, Logs logs) {
    this.tables = tables;
    this.views = views;
    this.logs = logs;
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/deployments/:id/logs")
            .id("deployments.logs")
            .summary("The last lines that the active version wrote; as events it goes on.")
            .priority("P2")
            .scope(DeploymentsApi.READ)
            .query("lines", "integer", "How many lines; default 100.")
            .query("since", "Ignored in this release.")
            .response(LogsView.class, Envelope.FLAT_MIRROR)
            .events()
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND)
            .run(this::logs),
        Operation.get("/deployments/:id/runtime-instances")
            .id("deployments.instances.list")
            .summary("Lists the processes of a deployment, newest first.")
            .priority("P2")
            .scope(DeploymentsApi.READ)
            .list(InstanceView.class)
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND)
            .handle(this::instances),
        Operation.get("/deployments/:id/runtime-instances/:instance_id")
            .id("deployments.instances.get")
            .summary("Shows a process of a deployment.")
            .priority("P2")
            .scope(DeploymentsApi.READ)
            .response(InstanceView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND, ErrorCode.NOT_FOUND)
            .handle(call -> with(call, (tx, d) -> instance(tx, d, require(tx, d, call)))),
        Operation.get("/deployments/:id/runtime-instances/:instance_id/logs")
            .id("deployments.instances.logs")
            .summary("The last lines that a process wrote.")
            .priority("P2")
            .scope(DeploymentsApi.READ)
            .query("lines", "integer", "How many lines; default 100.")
            .response(InstanceLogsView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND, ErrorCode.NOT_FOUND)
            .handle(this::instanceLogs),
        Operation.get("/deployments/:id/builds")
            .id("deployments.builds.list")
            .summary("Lists the builds of a deployment, newest first.")
            .priority("P2")
            .scope(DeploymentsApi.READ)
            .list(BuildView.class)
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND)
            .handle(call ->
                with(
                    call,
                    (tx, d) ->
                        tables.versions().list(tx, d.id(), null, call.paging()).map(views::build))),
        Operation.get("/deployments/:id/builds/:build_id")
            .id("deployments.builds.get")
            .summary("Shows a build.")
            .priority("P2")
            .scope(DeploymentsApi.READ)
            .response(BuildView.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND, ErrorCode.VERSION_NOT_FOUND)
            .handle(call -> with(call, (tx, d) -> views.build(build(tx, d, call)))),
        Operation.get("/deployments/:id/builds/:build_id/logs")
            .id("deployments.builds.logs")
            .summary("What a build wrote, as events.")
            .priority("P3")
            .scope(DeploymentsApi.READ)
            .events()
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND, ErrorCode.VERSION_NOT_FOUND)
            .run(this::buildLogs),
        Operation.get("/deployments/:id/versions/:version_id/logs")
            .id("deployments.versions.logs")
            .summary("What the build and the process of a version wrote.")
            .priority("P2")
            .scope(DeploymentsApi.READ)
            .query("stage", "build, runtime_install or runtime_start; default both.")
            .raw("text/plain; charset=utf-8")
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND, ErrorCode.VERSION_NOT_FOUND)
            .run(this::versionLogs));
  }

  private static int lines(Call call) {
    return call.queryInt("lines", 1, MOST_LINES).orElse(100);
  }

  private void logs(Call call) {
    Deployment deployment = with(call, (tx, d) -> d);
    if (call.wantsEvents()) {
      try (EventStream events = call.events()) {
        logs.follow(deployment, lines(call), events);
      }
      return;
    }
    String text = logs.tail(deployment, lines(call));
    call.respond(new LogsView(text, text.lines().toList()), Envelope.FLAT_MIRROR);
  }

  private Page<InstanceView> instances(Call call) {
    return with(
        call,
        (tx, d) ->
            tables
                .instances()
                .list(tx, d.id(), call.paging())
                .map(instance -> instance(tx, d, instance)));
  }

  private InstanceView instance(Tx tx, Deployment d, Instance instance) {
    Version version = Objects.requireNonNull(tables.versions().byId(tx, instance.versionId()));
    return views.instance(d, instance, version);
  }

  private Instance require(Tx tx, Deployment d, Call call) {
    return tables.instances().require(tx, d.id(), call.path("instance_id"));
  }

  private InstanceLogsView instanceLogs(Call call) {
    Instance instance = with(call, (tx, d) -> require(tx, d, call));
    return new InstanceLogsView(
        instance.id(),
        instance.deploymentId(),
        instance.id() + ".log",
        logs.ofInstance(instance.id(), lines(call)));
  }

  private Version build(Tx tx, Deployment d, Call call) {
    return tables.versions().require(tx, d.id(), Views.versionOfBuild(call.path("build_id")));
  }

  private void buildLogs(Call call) {
    Version version = with(call, (tx, d) -> build(tx, d, call));
    try (EventStream events = call.events()) {
      version
          .buildLog()
          .lines()
          .forEach(line -> events.send("stdout", Map.of("data", line, "line", line)));
      events.send("done", Map.of("state", version.state().wire()));
    }
  }

  private void versionLogs(Call call) throws Exception {
    String stage = call.query("stage");
    Version version =
        with(call, (tx, d) -> tables.versions().require(tx, d.id(), call.path("version_id")));
    StringBuilder text = new StringBuilder();
    if (stage == null || stage.equals("build")) {
      text.append(version.buildLog());
    }
    if (stage == null || stage.equals("runtime_start")) {
      text.append(logs.ofVersion(call.principal().org(), version.id(), MOST_LINES));
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    try (OutputStream out =
        call.raw("text/plain; charset=utf-8", OptionalLong.of(bytes.length), Map.of())) {
      out.write(bytes);
    }
  }

  private <T> T with(Call call, BiFunction<Tx, Deployment, T> work) {
    return tables
        .store()
        .transaction(
            call.principal(),
            tx -> work.apply(tx, tables.deployments().require(tx, call.path("id"))));
  }
}
