package com.atoll.server.authority;

import com.atoll.server.http.Operation;
import com.atoll.server.http.Operation.Declaration;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All actions: those that clients know by name, and each other operation that changes something,
 * under its own id. So nothing that is done through the API is without a name to judge it by.
 */
final class Catalogue {
  private static final String NAMED = "/authority/actions.tsv";

  private final Map<String, Action> byName = new LinkedHashMap<>();
  private final Map<String, List<Action>> byOperation = new HashMap<>();
  private final Set<String> named = new HashSet<>();

  private Catalogue() {}

  static Catalogue of(List<Operation<?, ?>> operations) {
    Catalogue catalogue = new Catalogue();
    List<Declaration> declared =
        operations.stream()
            .map(Operation::declaration)
            .filter(d -> d.access() == Operation.Access.CREDENTIAL && !d.hidden())
            .toList();
    Map<String, Declaration> byKey = new HashMap<>();
    for (Declaration d : declared) {
      byKey.put(d.id(), d);
      byKey.put(d.method() + " " + shape(d.path()), d);
    }
    List<String[]> rows = lines().stream().map(line -> line.split("\t", -1)).toList();
    rows.stream()
        .filter(columns -> !isOwn(columns))
        .forEach(columns -> catalogue.add(named(columns, byKey)));
    catalogue.named.addAll(catalogue.byName.keySet());
    for (Declaration d : declared) {
      if (!catalogue.byOperation.containsKey(d.id())) {
        catalogue.add(own(d, catalogue.byName.containsKey(d.id())));
      }
    }
    rows.forEach(catalogue::cover);
    return catalogue;
  }

  /** Whether the name is that of an operation, and others that do the same are judged by it. */
  private static boolean isOwn(String[] columns) {
    return Stream.of(columns[2].split(";", -1)).allMatch(item -> item.strip().startsWith("+"));
  }

  /** An operation with a name of its own keeps that, and is judged by the other names as well. */
  private void cover(String[] columns) {
    Action action = Objects.requireNonNull(byName.get(columns[0]));
    for (String item : columns[2].split(";", -1)) {
      String key = item.strip();
      List<Action> known = key.startsWith("+") ? byOperation.get(key.substring(1)) : null;
      if (known != null) {
        known.add(action);
      }
    }
  }

  private static Action named(String[] columns, Map<String, Declaration> byKey) {
    List<Declaration> through = new ArrayList<>();
    List<String> parts = new ArrayList<>();
    for (String item : columns[2].split(";", -1)) {
      String key = item.strip();
      if (key.startsWith("=")) {
        parts.add(key.substring(1));
      } else if (!key.isEmpty() && !key.startsWith("+")) {
        Declaration d = byKey.get(key.contains(" ") ? shape(key) : key);
        if (d != null) {
          through.add(d);
        }
      }
    }
    String title =
        through.isEmpty() ? columns[0].replace('.', ' ') + "." : through.getFirst().summary();
    return Action.of(columns[0], title, columns[1], ids(through), scopes(through), parts);
  }

  private static Action own(Declaration d, boolean taken) {
    String risk =
        switch (d.method()) {
          case GET -> "read";
          case DELETE -> "destroy";
          case POST, PUT, PATCH -> "write";
        };
    String name = taken ? "operation." + d.id() : d.id();
    return Action.of(name, d.summary(), risk, List.of(d.id()), scopes(List.of(d)), List.of());
  }

  private void add(Action action) {
    byName.put(action.name(), action);
    action
        .operations()
        .forEach(id -> byOperation.computeIfAbsent(id, k -> new ArrayList<>()).add(action));
  }

  private static String shape(String path) {
    return path.replaceAll(":[a-z_]+", ":");
  }

  private static List<String> ids(List<Declaration> through) {
    return through.stream().map(Declaration::id).toList();
  }

  private static SortedSet<String> scopes(List<Declaration> through) {
    // The first operation is the one that the action's clients use.
    return through.stream()
        .limit(1)
        .map(Declaration::scope)
        .filter(Objects::nonNull)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Those that clients know by name, and those that change something. */
  List<Action> shown() {
    return byName.values().stream()
        .filter(a -> named.contains(a.name()) || !a.risk().equals("read"))
        .toList();
  }

  /** Those that clients know by name. */
  List<Action> named() {
    return byName.values().stream().filter(a -> named.contains(a.name())).toList();
  }

  @Nullable Action find(String name) {
    return byName.get(name);
  }

  /** The actions that an operation does; never none for one that needs a credential. */
  List<Action> of(String operation) {
    return byOperation.getOrDefault(operation, List.of());
  }

  /** The action and those that it consists of. */
  List<Action> whole(Action action) {
    List<Action> all = new ArrayList<>(List.of(action));
    action.parts().stream().map(byName::get).filter(Objects::nonNull).forEach(all::add);
    return all;
  }

  private static List<String> lines() {
    try (InputStream in = Objects.requireNonNull(Catalogue.class.getResourceAsStream(NAMED));
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return reader.lines().filter(l -> !l.startsWith("#") && !l.isBlank()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
