package com.atoll.server.workspaces;

import com.atoll.model.AtollException;
import com.atoll.server.http.Call;
import com.atoll.server.http.InnerCalls;
import com.atoll.server.identity.WorkspaceReference;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Removes what a workspace owns, one after the other and with the caller's rights. */
final class Cleanups {
  private static final int MOST = 200;
  private static final Set<Kind> USUAL =
      EnumSet.of(Kind.SANDBOXES, Kind.DEPLOYMENTS, Kind.VOLUMES, Kind.SNAPSHOTS);

  /** What is in use goes before what it uses. */
  private static final List<Kind> ORDER =
      List.of(
          Kind.DEPLOYMENTS,
          Kind.SNAPSHOTS,
          Kind.SANDBOXES,
          Kind.VOLUMES,
          Kind.TOOL_SERVERS,
          Kind.PROJECTS);

  private final Store store;
  private final InnerCalls inner;

  Cleanups(Store store, InnerCalls inner) {
    this.store = store;
    this.inner = inner;
  }

  private record Candidate(Kind kind, Views.Item item, boolean used) {
    Views.Outcome outcome(@Nullable String reason) {
      return new Views.Outcome(kind.wire(), item.id(), item.name(), reason);
    }
  }

  private record Found(String workspace, List<Candidate> candidates) {}

  Views.Cleaned run(Call call, Views.Cleanup asked) {
    Set<Kind> kinds = kinds(asked.kinds());
    boolean dry = Boolean.TRUE.equals(asked.dryRun());
    boolean force = Boolean.TRUE.equals(asked.force());
    Found found =
        store.transaction(
            call.principal(),
            tx -> {
              String workspace = WorkspaceReference.require(tx, call.path("id"));
              return new Found(workspace, candidates(tx, workspace, kinds));
            });
    List<Views.Outcome> removed = new ArrayList<>();
    List<Views.Outcome> skipped = new ArrayList<>();
    List<Views.Outcome> failed = new ArrayList<>();
    for (Candidate candidate : found.candidates()) {
      if (removed.size() + failed.size() >= MOST) {
        break;
      }
      if (candidate.used() && !force) {
        skipped.add(candidate.outcome("in use"));
        continue;
      }
      String refused = dry ? null : remove(call, candidate);
      (refused == null ? removed : failed).add(candidate.outcome(refused));
    }
    int seen = removed.size() + skipped.size() + failed.size();
    return new Views.Cleaned(
        found.workspace(), dry, removed, skipped, failed, seen < found.candidates().size());
  }

  /** Why it could not be removed; null when it was, or is gone already. */
  private @Nullable String remove(Call call, Candidate candidate) {
    InnerCalls.Reply reply =
        inner.send(
            call,
            "DELETE",
            candidate.kind().path() + candidate.item().id(),
            null,
            java.util.Map.of());
    return reply.ok() || reply.status() == 404
        ? null
        : reply.body().path("message").asString("status " + reply.status());
  }

  private static Set<Kind> kinds(@Nullable List<String> asked) {
    if (asked == null) {
      return USUAL;
    }
    Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    for (String name : asked) {
      try {
        kinds.add(Kind.valueOf(name.toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException unknown) {
        throw AtollException.invalid(
            "kinds",
            "must hold some of sandboxes, deployments, volumes, snapshots, tool_servers, projects");
      }
    }
    return kinds;
  }

  private static List<Candidate> candidates(Tx tx, String workspace, Set<Kind> kinds) {
    Set<String> kept = kept(tx, workspace);
    List<Candidate> candidates = new ArrayList<>();
    for (Kind kind : ORDER) {
      if (kinds.contains(kind)) {
        for (Views.Item item : Rows.list(tx, kind, workspace, 2 * MOST)) {
          if (kind != Kind.PROJECTS || !kept.contains(item.id())) {
            candidates.add(new Candidate(kind, item, used(kind, item, kept)));
          }
        }
      }
    }
    return candidates;
  }

  private static boolean used(Kind kind, Views.Item item, Set<String> kept) {
    return switch (kind) {
      case SANDBOXES -> item.state().equals("running");
      case DEPLOYMENTS -> item.state().equals("running");
      case VOLUMES, SNAPSHOTS -> kept.contains(item.id());
      case PROJECTS, TOOL_SERVERS -> false;
    };
  }

  /** Attached volumes, named snapshots, and the default project, which always stays. */
  private static Set<String> kept(Tx tx, String workspace) {
    return new HashSet<>(
        tx.sql()
            .fetch(
                """
                select volume_id from volume_attachments
                union select snapshot_id from named_snapshots
                union select id from projects where is_default and workspace_id = ?\
                """,
                workspace)
            .map(row -> row.get(0, String.class)));
  }
}
