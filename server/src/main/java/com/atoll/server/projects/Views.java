package com.atoll.server.projects;

import com.atoll.server.http.Doc;
import com.atoll.server.http.Json;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

/** What is sent and answered about projects. */
final class Views {
  static final String SLUG = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";

  private Views() {}

  record NewProject(
      @Doc(value = "Its name.", min = 1, max = 255) String name,
      @Doc(value = "Its slug; made from the name when absent.", pattern = SLUG)
          @Nullable String slug,
      @Doc(value = "What it is for.", max = 2000) @Nullable String description,
      @Doc(value = "Texts of your own.", max = 100) @Nullable Map<String, String> metadata,
      @Doc(value = "Its workspace, by id, slug or name; the default one when absent.", max = 255)
          @Nullable String workspaceId,
      @Doc(value = "Slug of its workspace, when the id is not given.", max = 255)
          @Nullable String workspaceSlug,
      @Doc(value = "Your customer's id of the workspace; never authorizes.", max = 255)
          @Nullable String externalWorkspaceId,
      @Doc(value = "Your customer's id of the user; never authorizes.", max = 255)
          @Nullable String externalUserId,
      @Doc(value = "Your customer's id of the project; never authorizes.", max = 255)
          @Nullable String externalProjectId) {}

  record Change(
      @Doc(value = "Its new name.", min = 1, max = 255) @Nullable String name,
      @Doc(value = "Its new slug.", pattern = SLUG) @Nullable String slug,
      @Doc(value = "What it is for.", max = 2000) @Nullable String description,
      @Doc(value = "Texts of your own, all of them.", max = 100)
          @Nullable Map<String, String> metadata) {}

  record Move(
      @Doc(value = "The workspace that it goes to, by id, slug or name.", min = 1, max = 255)
          String targetWorkspaceId) {}

  record ProjectView(
      @Doc("Its id.") String id,
      @Doc("Id of the organization.") String tenantId,
      @Doc("Id of its workspace.") String workspaceId,
      @Doc("Its name.") String name,
      @Doc("Its slug.") String slug,
      @Doc("What it is for.") @Nullable String description,
      @Doc("Texts of your own.") Map<String, String> metadata,
      @Doc("Whether it takes what names no project of its workspace.") boolean isDefault,
      @Doc("Your customer's id of the workspace.") @Nullable String externalWorkspaceId,
      @Doc("Your customer's id of the user.") @Nullable String externalUserId,
      @Doc("Your customer's id of the project.") @Nullable String externalProjectId,
      @Doc("When it was made.") Instant createdAt,
      @Doc("When it was last changed.") Instant updatedAt) {

    static final String COLUMNS =
        """
        id, org, workspace_id, name, slug, description, cast(metadata as text) as metadata, is_default,
        external_workspace_id, external_user_id, external_project_id, created_at, updated_at
        """;

    static ProjectView of(Record row) {
      return new ProjectView(
          text(row, "id"),
          text(row, "org"),
          text(row, "workspace_id"),
          text(row, "name"),
          text(row, "slug"),
          row.get("description", String.class),
          Json.MAPPER.readValue(text(row, "metadata"), new TypeReference<Map<String, String>>() {}),
          row.get("is_default", Boolean.class),
          row.get("external_workspace_id", String.class),
          row.get("external_user_id", String.class),
          row.get("external_project_id", String.class),
          time(row, "created_at"),
          time(row, "updated_at"));
    }
  }

  record Summary(
      @Doc("The project.") ProjectView project,
      @Doc("How many environments it has.") int environments,
      @Doc("How many shared variables it has, in all environments.") int variables,
      @Doc("What it owns, by kind.") Map<String, Integer> resources) {}

  record Capabilities(
      @Doc("Whether projects have environments.") boolean environments,
      @Doc("Whether projects have shared variables.") boolean sharedVariables,
      @Doc("Whether projects have services.") boolean services,
      @Doc("Whether projects have templates.") boolean templates,
      @Doc("Whether templates can be applied.") boolean templateApply,
      @Doc("Kinds of environments.") List<String> environmentKinds) {}

  record NewEnvironment(
      @Doc(value = "Its name.", min = 1, max = 100) String name,
      @Doc(value = "Its slug; made from the name when absent.", pattern = SLUG)
          @Nullable String slug,
      @Doc(
              value = "production, staging, development (default) or preview.",
              pattern = "production|staging|development|preview")
          @Nullable String kind) {}

  record EnvironmentChange(
      @Doc(value = "Its new name.", min = 1, max = 100) @Nullable String name,
      @Doc(value = "Its new slug.", pattern = SLUG) @Nullable String slug) {}

  record Duplicate(@Doc(value = "Name of the copy.", min = 1, max = 100) String name) {}

  record Sync(
      @Doc(value = "The environment whose variables are taken, by id or slug.", min = 1, max = 100)
          String fromEnvironmentId,
      @Doc("Whether to change anything; without it the answer tells what would change.")
          @Nullable Boolean apply) {}

  record Synced(
      @Doc("Names that are new.") List<String> added,
      @Doc("Names whose value changes.") List<String> changed,
      @Doc("Names that the other environment does not have; they stay.") List<String> kept,
      @Doc("Whether it was done.") boolean applied) {}

  record EnvironmentView(
      @Doc("Its id.") String id,
      @Doc("Id of its project.") String projectId,
      @Doc("Its name.") String name,
      @Doc("Its slug.") String slug,
      @Doc("production, staging, development or preview.") String kind,
      @Doc("Whether it is meant when none is named.") boolean isDefault,
      @Doc("When it was made.") Instant createdAt,
      @Doc("When it was last changed.") Instant updatedAt) {

    static EnvironmentView of(Record row) {
      return new EnvironmentView(
          text(row, "id"),
          text(row, "project_id"),
          text(row, "name"),
          text(row, "slug"),
          text(row, "kind"),
          row.get("is_default", Boolean.class),
          time(row, "created_at"),
          time(row, "updated_at"));
    }
  }

  record Variables(
      @Doc("Values by name, null removes one; or a list of {name, value}.") JsonNode variables,
      @Doc(value = "The environment, by id or slug; the default one when absent.", max = 100)
          @Nullable String env) {}

  record VariableView(
      @Doc("Its name.") String name,
      @Doc("The end of a long value; dots for a short one.") String preview,
      @Doc("Slug of its environment.") String env,
      @Doc("When it was last set.") Instant updatedAt) {}

  static Instant time(Record row, String column) {
    return row.get(column, OffsetDateTime.class).toInstant();
  }

  private static String text(Record row, String column) {
    return row.get(column, String.class);
  }
}
