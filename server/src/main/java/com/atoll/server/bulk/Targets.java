package com.atoll.server.bulk;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.policies.PolicySetter.Tier;
import com.atoll.server.sandboxes.SandboxCrowd;
import com.atoll.server.sandboxes.SandboxFilter;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/**
 * Whom a request means: those that it names, or those that its filter finds. What it names and the
 * caller does not see is an item too, which says that it does not exist.
 */
final class Targets {
  /** How many one job may be about. */
  static final int MOST = 10_000;

  private static final String IDS = "ids";
  private static final String FILTER = "filter";
  private static final int LONGEST = 255;
  private static final Set<String> OF_WORKSPACES =
      Set.of("workspace_id", "external_workspace_id", "external_user_id");

  private final SandboxCrowd crowd;

  Targets(SandboxCrowd crowd) {
    this.crowd = crowd;
  }

  /** The sandboxes that are meant. What is wrong with the request is said now. */
  Function<Tx, Job.Wish> sandboxes(
      Action action, @Nullable List<String> ids, @Nullable Map<String, Object> filter) {
    List<String> names = names(ids, filter);
    if (names != null) {
      return tx ->
          named(
              action,
              null,
              null,
              names,
              crowd.named(tx, names),
              name -> AtollException.of(ErrorCode.SANDBOX_NOT_FOUND, name));
    }
    SandboxFilter found = SandboxFilter.of(FILTER, Objects.requireNonNull(filter));
    return tx ->
        new Job.Wish(action, null, null, bounded(crowd.matching(tx, found, MOST + 1)), List.of());
  }

  /** Those whose policies are meant. */
  Function<Tx, Job.Wish> policies(
      String tier,
      String document,
      @Nullable List<String> ids,
      @Nullable Map<String, Object> filter) {
    Tier whose = tier(tier);
    List<String> names = names(ids, filter);
    if (names != null) {
      return tx ->
          named(
              Action.APPLY_POLICY,
              whose,
              document,
              names,
              known(tx, whose, names),
              name -> AtollException.of(ErrorCode.NOT_FOUND, whose.wire() + " " + name));
    }
    Function<Tx, List<String>> found = found(whose, Objects.requireNonNull(filter));
    return tx ->
        new Job.Wish(Action.APPLY_POLICY, whose, document, bounded(found.apply(tx)), List.of());
  }

  /** What is named, once each; null when a filter says it. Exactly one of the two must be there. */
  private static @Nullable List<String> names(
      @Nullable List<String> ids, @Nullable Map<String, Object> filter) {
    if (ids == null) {
      if (filter == null) {
        throw AtollException.invalid(IDS, "or filter is required");
      }
      return null;
    }
    if (filter != null) {
      throw AtollException.invalid(FILTER, "must be absent where ids are given");
    }
    if (ids.stream().anyMatch(id -> id.isBlank() || id.length() > LONGEST)) {
      throw AtollException.invalid(IDS, "must each be 1 to " + LONGEST + " characters long");
    }
    return List.copyOf(new LinkedHashSet<>(ids));
  }

  private static Tier tier(String wire) {
    return Arrays.stream(Tier.values())
        .filter(tier -> tier.wire().equals(wire.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () -> AtollException.invalid("tier", "must be one of tenant, workspace, user"));
  }

  private static Job.Wish named(
      Action action,
      @Nullable Tier tier,
      @Nullable String document,
      List<String> names,
      Map<String, String> known,
      Function<String, AtollException> unknown) {
    Set<String> subjects = new LinkedHashSet<>();
    List<Job.Refusal> missing = new ArrayList<>();
    for (String name : names) {
      String id = known.get(name);
      subjects.add(id == null ? name : id);
      if (id == null) {
        AtollException why = unknown.apply(name);
        missing.add(new Job.Refusal(name, why.code().code(), String.valueOf(why.getMessage())));
      }
    }
    return new Job.Wish(action, tier, document, List.copyOf(subjects), missing);
  }

  private static List<String> bounded(List<String> found) {
    if (found.size() > MOST) {
      throw AtollException.invalid(FILTER, "must mean at most " + MOST + "; it means more");
    }
    return found;
  }

  /** The subjects that exist, by what names them. An end user is whoever the customer says. */
  private static Map<String, String> known(Tx tx, Tier tier, List<String> names) {
    Map<String, String> known = new HashMap<>();
    switch (tier) {
      case TENANT -> known.put(tx.org().value(), tx.org().value());
      case WORKSPACE -> {
        String[] asked = names.toArray(String[]::new);
        for (Record row :
            tx.sql()
                .fetch(
                    """
                    select id, slug from workspaces
                    where id = any(cast(? as text[])) or slug = any(cast(? as text[]))\
                    """,
                    (Object) asked,
                    (Object) asked)) {
          known.put(row.get("id", String.class), row.get("id", String.class));
          known.putIfAbsent(row.get("slug", String.class), row.get("id", String.class));
        }
      }
      case USER -> names.forEach(name -> known.put(name, name));
    }
    return known;
  }

  private Function<Tx, List<String>> found(Tier tier, Map<String, Object> filter) {
    return switch (tier) {
      case TENANT ->
          throw AtollException.invalid(FILTER, "must be absent: ids name the organization");
      case WORKSPACE -> workspaces(filter);
      case USER -> {
        SandboxFilter found = SandboxFilter.of(FILTER, filter);
        yield tx -> crowd.externalUsers(tx, found, MOST + 1);
      }
    };
  }

  private static Function<Tx, List<String>> workspaces(Map<String, Object> filter) {
    if (filter.isEmpty() || !OF_WORKSPACES.containsAll(filter.keySet())) {
      throw AtollException.invalid(
          FILTER, "must hold some of workspace_id, external_workspace_id, external_user_id");
    }
    String id = text(filter, "workspace_id");
    String externalWorkspace = text(filter, "external_workspace_id");
    String externalUser = text(filter, "external_user_id");
    return tx ->
        tx.sql()
            .fetch(
                """
                select id from workspaces where (cast(? as text) is null or id = ? or slug = ?)
                  and (cast(? as text) is null or external_workspace_id = ?)
                  and (cast(? as text) is null or external_user_id = ?)
                order by id limit ?\
                """,
                id,
                id,
                id,
                externalWorkspace,
                externalWorkspace,
                externalUser,
                externalUser,
                MOST + 1)
            .map(row -> row.get(0, String.class));
  }

  private static @Nullable String text(Map<String, Object> filter, String key) {
    if (!filter.containsKey(key)) {
      return null;
    }
    if (filter.get(key) instanceof String text && !text.isBlank() && text.length() <= LONGEST) {
      return text;
    }
    throw AtollException.invalid(FILTER + "." + key, "must be 1 to " + LONGEST + " characters");
  }
}
