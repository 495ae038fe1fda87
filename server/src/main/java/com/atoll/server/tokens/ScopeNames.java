package com.atoll.server.tokens;

import com.atoll.model.AtollException;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The names that scopes may have: those that operations need, those that clients know of services
 * that are not built yet, reading and writing of each area of the API, a star for all of an area,
 * and a star alone. Anything else is a mistake of writing that would grant nothing.
 */
public final class ScopeNames {
  /** What the clients of this wire name besides what operations need. */
  private static final Set<String> NAMED =
      Set.of(
          "env:read",
          "env:write",
          "env:reveal",
          "intelligence:gateway:read",
          "intelligence:gateway:write");

  /** Areas that have no operation yet. */
  private static final Set<String> AREAS =
      Set.of("computers", "storage", "databases", "functions", "agents", "intelligence");

  private static final int LONGEST = 64;

  private final Supplier<Set<String>> ofOperations;
  private final Supplier<Set<String>> areas;

  /**
   * The names of an API.
   *
   * @param ofOperations the scopes that operations need
   * @param areas what the paths of operations begin with
   */
  public ScopeNames(Supplier<Set<String>> ofOperations, Supplier<Set<String>> areas) {
    this.ofOperations = ofOperations;
    this.areas = areas;
  }

  /** The scopes that operations need. */
  Set<String> ofOperations() {
    return ofOperations.get();
  }

  /**
   * Refuses what is no name of a scope.
   *
   * @throws AtollException an error of the field {@code scopes} that names the nearest one
   */
  public void require(@Nullable Collection<String> asked) {
    if (asked == null) {
      return;
    }
    Set<String> known = all();
    for (String scope : asked) {
      if (!known.contains(scope)) {
        throw AtollException.invalid(
            "scopes", "holds something that is not a scope" + advice(scope, known));
      }
    }
  }

  private Set<String> all() {
    Set<String> all = new TreeSet<>(ofOperations.get());
    all.addAll(NAMED);
    Set<String> every = new TreeSet<>(AREAS);
    every.addAll(areas.get());
    all.forEach(scope -> every.add(scope.substring(0, scope.indexOf(':'))));
    for (String area : every) {
      all.add(area + ":read");
      all.add(area + ":write");
      all.add(area + ":*");
    }
    all.add("*");
    return all;
  }

  /** The known name with the fewest changes of letters, when it is one that could be meant. */
  private static String advice(String scope, Set<String> known) {
    String lower = scope.toLowerCase(Locale.ROOT);
    if (scope.length() > LONGEST || !lower.matches("[a-z0-9:_.*/ -]+")) {
      return "";
    }
    return ": '"
        + scope
        + "'"
        + known.stream()
            .filter(name -> distance(lower, name) <= name.length() / 2)
            .min(Comparator.comparingInt(name -> distance(lower, name)))
            .map(name -> "; the nearest one is '" + name + "'")
            .orElse("");
  }

  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int kept = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(kept, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
