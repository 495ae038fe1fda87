package com.atoll.server.workspaces;

import com.atoll.server.http.Doc;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is sent and answered about the resources of a workspace. */
final class Views {
  private Views() {}

  record Transfer(
      @Doc(
              value =
                  "Ids of projects, sandboxes, deployments, volumes, snapshots and tool servers of the"
                      + " workspace. A project takes along what it owns, a sandbox its snapshots.",
              min = 1,
              max = 200)
          List<String> resourceIds,
      @Doc(value = "Where they go: id, slug or name of a workspace.", min = 1, max = 255)
          String targetWorkspaceId) {}

  record Moved(
      @Doc("Its kind.") String kind, @Doc("Its id.") String id, @Doc("Its name.") String name) {}

  record Transferred(
      @Doc("Id of the workspace that it was.") String sourceWorkspaceId,
      @Doc("Id of the workspace that it is now.") String targetWorkspaceId,
      @Doc("How many moved, by kind.") Map<String, Integer> counts,
      @Doc("How many moved.") int total,
      @Doc("What moved.") List<Moved> transferred) {}

  record Item(
      @Doc("Its id.") String id,
      @Doc("Its name.") String name,
      @Doc("Its state; empty where it has none.") String state,
      @Doc("Its project, where it has one.") @Nullable String projectId,
      @Doc("When it was made.") Instant createdAt) {}

  record Inventory(
      @Doc("Id of the workspace.") String workspaceId,
      @Doc("How many there are, by kind.") Map<String, Integer> counts,
      @Doc("Projects, newest first; of every kind at most 200 are listed.") List<Item> projects,
      @Doc("Sandboxes.") List<Item> sandboxes,
      @Doc("Deployments.") List<Item> deployments,
      @Doc("Volumes.") List<Item> volumes,
      @Doc("Snapshots.") List<Item> snapshots,
      @Doc("Tool servers.") List<Item> toolServers,
      @Doc("Computers; this release has none.") List<Item> computers) {}

  record Cleanup(
      @Doc("Whether only to tell what would be removed; default false.") @Nullable Boolean dryRun,
      @Doc(
              "Whether to remove what is in use as well: running sandboxes, deployments that serve,"
                  + " attached volumes; default false.")
          @Nullable Boolean force,
      @Doc(
              value =
                  "What to remove: sandboxes, deployments, volumes, snapshots, tool_servers, projects;"
                      + " all but tool_servers and projects when absent.",
              max = 6)
          @Nullable List<String> kinds) {}

  record Outcome(
      @Doc("Its kind.") String kind,
      @Doc("Its id.") String id,
      @Doc("Its name.") String name,
      @Doc("Why it stays; null when it does not.") @Nullable String reason) {}

  record Cleaned(
      @Doc("Id of the workspace.") String workspaceId,
      @Doc("Whether nothing was changed.") boolean dryRun,
      @Doc("What was removed, or would be.") List<Outcome> removed,
      @Doc("What stays because it is in use.") List<Outcome> skipped,
      @Doc("What could not be removed.") List<Outcome> failed,
      @Doc("Whether there was more than one call removes: ask again.") boolean more) {}
}
