package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.KeyId;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.model.Role;
import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.ExportStaticRequest;
import com.atoll.node.v1.FreezeReleaseRequest;
import com.atoll.node.v1.Release;
import com.atoll.node.v1.RunReply;
import com.atoll.node.v1.RunRequest;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.Sandboxes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Takes a version from one step to the next. A step does its work on the node, which may be done
 * twice, and then commits that it is done: whoever finds the row carries on from there.
 */
final class Publisher {
  private static final Duration LONGEST_BUILD = Duration.ofMinutes(10);
  private static final int LOG_LIMIT = 256 << 10;
  private static final int SHOWN = 2000;

  private final Tables tables;
  private final NodeClient node;
  private final Sandboxes sandboxes;
  private final Switch serving;

  Publisher(Tables tables, NodeClient node, Sandboxes sandboxes, Switch serving) {
    this.tables = tables;
    this.node = node;
    this.sandboxes = sandboxes;
    this.serving = serving;
  }

  /** Does the next step. */
  void advance(Deployment deployment, Version version) {
    switch (version.step()) {
      case CREATED -> plan(deployment, version);
      case PLANNED -> freeze(deployment, version);
      case FROZEN -> stage(deployment, version);
      case STAGED -> serving.finish(deployment, version);
    }
  }

  private void plan(Deployment deployment, Version version) {
    String source = Objects.requireNonNull(version.sourceSandbox());
    record Planned(Plan plan, String log) {}
    Planned planned =
        sandboxes.awake(
            owner(deployment),
            source,
            sandbox -> {
              String log = build(version, sandbox.id());
              Source files = new SandboxSource(node, sandbox.id());
              return new Planned(new Planner(files, version.input()).plan(), log);
            });
    Plan plan = planned.plan();
    commit(
        deployment,
        version,
        "deployment.build_succeeded",
        """
        state = 'building', step = 'planned', kind = ?, folder = ?, entrypoint = ?, command = ?,
        port = ?, health_path = ?, build_log = ?\
        """,
        plan.kind().wire(),
        plan.folder(),
        plan.entrypoint(),
        plan.command(),
        plan.port(),
        plan.healthPath(),
        planned.log());
    CrashPoint.PUBLISH_AFTER_PLAN.reach();
  }

  private String build(Version version, String sandbox) {
    String line = version.input().buildCommand();
    if (line == null || line.isBlank()) {
      return "";
    }
    CommandSpec command =
        CommandSpec.newBuilder()
            .setShell("exec 2>&1; " + line)
            .setCwd(Planner.HOME)
            .setTimeoutMs(LONGEST_BUILD.toMillis())
            .build();
    RunReply reply =
        node.processes()
            .run(
                RunRequest.newBuilder()
                    .setWorkloadId(sandbox)
                    .setCommand(command)
                    .setOutputLimit(LOG_LIMIT)
                    .build());
    String log = reply.getStdout().toString(StandardCharsets.UTF_8).replace("\0", "");
    if (reply.getExitCode() == 0) {
      return log;
    }
    tables
        .store()
        .executeSystem(tx -> tables.versions().change(tx, version.id(), "build_log = ?", log));
    String what =
        reply.getTimedOut()
            ? "it took longer than " + LONGEST_BUILD.toMinutes() + " minutes"
            : "\"" + shortened(line, 200) + "\" ended with " + reply.getExitCode();
    throw AtollException.of(ErrorCode.BUILD_FAILED, what + "; its last lines: " + last(log));
  }

  private void freeze(Deployment deployment, Version version) {
    Release release =
        sandboxes.awake(
            owner(deployment),
            Objects.requireNonNull(version.sourceSandbox()),
            sandbox ->
                node.releases()
                    .freezeRelease(
                        FreezeReleaseRequest.newBuilder()
                            .setReleaseId(version.releaseId())
                            .setWorkloadId(sandbox.id())
                            .setPath(version.folder())
                            .build()));
    CrashPoint.PUBLISH_AFTER_FREEZE.reach();
    commit(
        deployment,
        version,
        "deployment.release_created",
        "step = 'frozen', sha256 = ?, size_bytes = ?, files = ?, template_id = ?",
        release.getSha256(),
        release.getSizeBytes(),
        release.getFiles(),
        release.getTemplateId());
  }

  private void stage(Deployment deployment, Version version) {
    if (version.kind() == Kind.STATIC) {
      export(version);
    } else {
      serving.stage(deployment, version);
    }
    CrashPoint.PUBLISH_AFTER_STAGE.reach();
    commit(deployment, version, "deployment.staged", "step = 'staged'");
  }

  private void export(Version version) {
    try {
      node.releases()
          .exportStatic(
              ExportStaticRequest.newBuilder()
                  .setReleaseId(version.releaseId())
                  .setExportId(version.releaseId())
                  .build());
    } catch (AtollException refused) {
      if (refused.code() == ErrorCode.RESOURCE_STATE) {
        throw AtollException.invalid("output_path", "cannot be published: " + refused.getMessage());
      }
      throw refused;
    }
  }

  /** Gives a version up; what served before keeps serving. */
  void fail(Deployment deployment, Version version, ErrorCode code, String message) {
    String event = version.step() == Step.CREATED ? "deployment.build_failed" : "deployment.failed";
    tables
        .store()
        .execute(
            deployment.owner().org(),
            tx -> {
              tables
                  .versions()
                  .change(
                      tx,
                      version.id(),
                      "state = 'failed', error_code = ?, error_message = ?",
                      code.code(),
                      message.replace("\0", ""));
              Deployment changed =
                  tables
                      .deployments()
                      .change(
                          tx,
                          deployment.id(),
                          """
                          state = case when active_version_id is null then 'failed' else state end\
                          """);
              if (changed != null) {
                Map<String, Object> data = new java.util.HashMap<>(Switch.data(version));
                data.put("error", code.code());
                data.put("reason", shortened(message, 500));
                tables.deployments().tell(tx, changed, event, data);
              }
            });
  }

  private void commit(
      Deployment deployment,
      Version version,
      String event,
      String set,
      @Nullable Object... values) {
    tables
        .store()
        .execute(
            deployment.owner().org(),
            tx -> {
              Deployment changed = tables.deployments().changed(tx, deployment.id(), "");
              Version now = tables.versions().change(tx, version.id(), set, values);
              if (now != null) {
                tables.deployments().tell(tx, changed, event, Switch.data(now));
              }
            });
  }

  /** Background work acts as who owns the deployment. */
  private static Principal owner(Deployment deployment) {
    OrganizationId org = deployment.owner().org();
    KeyId key = new KeyId(deployment.owner().key());
    return new Principal(org, key, Role.USER, null, 0, deployment.owner().externalUser());
  }

  private static String last(String log) {
    List<String> lines = log.lines().toList();
    String text = String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    return text.length() > SHOWN ? text.substring(text.length() - SHOWN) : text;
  }

  static String shortened(String text, int longest) {
    return text.length() <= longest ? text : text.substring(0, longest) + "…";
  }
}
