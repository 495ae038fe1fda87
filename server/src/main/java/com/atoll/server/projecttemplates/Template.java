package com.atoll.server.projecttemplates;

import com.atoll.server.http.Doc;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a template makes. */
record Template(
    @Doc("Its slug.") String slug,
    @Doc("Its name.") String name,
    @Doc("What it is for.") String description,
    @Doc("Its category.") String category,
    @Doc("Environments that the project gets.") List<Environment> environments,
    @Doc("Shared variables that the environment gets.") List<Variable> variables,
    @Doc("Volumes.") List<Volume> volumes,
    @Doc("Sandboxes.") List<Machine> sandboxes,
    @Doc("Deployments.") List<Site> deployments) {

  record Environment(
      @Doc("Name.") String name,
      @Doc("Slug.") String slug,
      @Doc("production, staging, development or preview.") String kind) {}

  record Variable(
      @Doc("Name.") String name,
      @Doc("Value; null when it is made at random.") @Nullable String value,
      @Doc("What it is for.") String description) {}

  record Volume(@Doc("Name.") String name, @Doc("Size in GB.") int sizeGb) {}

  record Machine(
      @Doc("Name.") String name,
      @Doc("Template of the sandbox.") String templateId,
      @Doc("Size.") String size,
      @Doc("Volumes by the paths where they are.") Map<String, String> mounts,
      @Doc("Files by their paths.") Map<String, String> files) {}

  record Site(
      @Doc("Name.") String name,
      @Doc("Sandbox that is published.") String sandbox,
      @Doc("static or dynamic.") String kind,
      @Doc("Folder that is published.") @Nullable String outputPath,
      @Doc("Command that starts it; it listens on $PORT.") @Nullable String runCommand,
      @Doc("Port.") @Nullable Integer port,
      @Doc("Path that answers once it is ready.") @Nullable String healthCheckPath) {}
}
