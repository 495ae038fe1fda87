package com.atoll.server.projecttemplates;

import com.atoll.server.http.Doc;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is answered about templates of projects. */
final class Views {
  private Views() {}

  record Change(
      @Doc("environment, variable, volume, sandbox or deployment.") String kind,
      @Doc("Its name.") String name,
      @Doc("Its id; null for a variable.") @Nullable String id,
      @Doc("created, or kept when it was there.") String change) {}

  record Applied(
      @Doc("The template.") String template,
      @Doc("Id of the project.") String projectId,
      @Doc("Id of the environment.") String environmentId,
      @Doc("Slug of the environment.") String environment,
      @Doc("Whether deployments were asked for.") boolean deployed,
      @Doc("What was made, and what was there.") List<Change> changes) {}
}
