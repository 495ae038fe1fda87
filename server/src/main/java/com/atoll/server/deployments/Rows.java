package com.atoll.server.deployments;

import com.atoll.model.OrganizationId;
import com.atoll.server.http.Json;
import java.time.OffsetDateTime;
import java.util.Map;
import org.jooq.JSONB;
import org.jooq.Record;
import tools.jackson.core.type.TypeReference;

/** Rows of the database as records. */
final class Rows {
  private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};

  private Rows() {}

  static Deployment deployment(Record row) {
    return new Deployment(
        text(row, "id"),
        new Owner(
            new OrganizationId(text(row, "org")),
            text(row, "owner_id"),
            text(row, "workspace_id"),
            text(row, "project_id"),
            row.get("external_workspace_id", String.class),
            row.get("external_user_id", String.class),
            row.get("external_project_id", String.class)),
        text(row, "name"),
        text(row, "slug"),
        text(row, "source_type"),
        row.get("repo_url", String.class),
        row.get("branch", String.class),
        row.get("build_command", String.class),
        row.get("run_command", String.class),
        DeploymentState.of(text(row, "state")),
        row.get("auto_deploy", Boolean.class),
        Json.MAPPER.readValue(row.get("metadata", JSONB.class).data(), MAP),
        row.get("active_version_id", String.class),
        row.get("version", Long.class),
        row.get("created_at", OffsetDateTime.class),
        row.get("updated_at", OffsetDateTime.class),
        row.get("deleted_at", OffsetDateTime.class) != null);
  }

  static Version version(Record row) {
    return new Version(
        text(row, "id"),
        text(row, "deployment_id"),
        row.get("number", Integer.class),
        VersionState.of(text(row, "state")),
        Step.of(text(row, "step")),
        row.get("source_sandbox_id", String.class),
        text(row, "created_by"),
        Json.MAPPER.readValue(row.get("input", JSONB.class).data(), PublishInput.class),
        row.get("promote", Boolean.class),
        Kind.of(text(row, "kind")),
        text(row, "folder"),
        row.get("entrypoint", String.class),
        row.get("command", String.class),
        row.get("port", Integer.class),
        row.get("health_path", String.class),
        text(row, "release_id"),
        row.get("template_id", String.class),
        row.get("sha256", String.class),
        row.get("size_bytes", Long.class),
        row.get("files", Integer.class),
        new Version.Size(
            row.get("cpu_millis", Integer.class),
            row.get("memory_mb", Long.class),
            row.get("disk_mb", Long.class)),
        text(row, "build_log"),
        row.get("error_code", String.class),
        row.get("error_message", String.class),
        row.get("created_at", OffsetDateTime.class),
        row.get("updated_at", OffsetDateTime.class),
        row.get("ready_at", OffsetDateTime.class),
        row.get("promoted_at", OffsetDateTime.class));
  }

  static Instance instance(Record row) {
    return new Instance(
        text(row, "id"),
        text(row, "org"),
        text(row, "deployment_id"),
        text(row, "version_id"),
        Instance.Desired.of(text(row, "desired")),
        text(row, "state"),
        text(row, "address"),
        row.get("port", Integer.class),
        row.get("incarnation", Long.class),
        row.get("loopback_only", Boolean.class),
        row.get("restarts", Integer.class),
        text(row, "reason"),
        row.get("stop_after", OffsetDateTime.class),
        row.get("created_at", OffsetDateTime.class),
        row.get("updated_at", OffsetDateTime.class),
        row.get("started_at", OffsetDateTime.class),
        row.get("stopped_at", OffsetDateTime.class));
  }

  static Domain domain(Record row) {
    return new Domain(
        text(row, "id"),
        text(row, "org"),
        row.get("workspace_id", String.class),
        row.get("deployment_id", String.class),
        text(row, "fqdn"),
        text(row, "redirect_policy"),
        text(row, "status"),
        row.get("external_workspace_id", String.class),
        row.get("external_user_id", String.class),
        row.get("external_project_id", String.class),
        text(row, "token"),
        row.get("verified_at", OffsetDateTime.class),
        row.get("checked_at", OffsetDateTime.class),
        row.get("error", String.class),
        row.get("trusted", Boolean.class),
        row.get("created_at", OffsetDateTime.class),
        row.get("updated_at", OffsetDateTime.class));
  }

  static String text(Record row, String column) {
    return row.get(column, String.class);
  }
}
