package com.atoll.server.http;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the operations of a path. A literal segment goes before a parameter. */
final class Routes {
  private final Node root = new Node();

  /** The operations of a path by method, and the values of its parameters. */
  record Match(Map<Method, Operation<?, ?>> operations, Map<String, String> parameters) {
    @Nullable Operation<?, ?> operation(Method method) {
      Operation<?, ?> exact = operations.get(method);
      if (exact != null) {
        return exact;
      }
      return switch (method) {
        case PUT -> operations.get(Method.PATCH);
        case PATCH -> operations.get(Method.PUT);
        case GET, POST, DELETE -> null;
      };
    }

    Set<Method> methods() {
      return operations.keySet();
    }
  }

  private static final class Node {
    final Map<String, Node> literals = new HashMap<>();
    @Nullable Node parameter;
    final Map<Method, Entry> entries = new EnumMap<>(Method.class);
    final Map<Method, Entry> rest = new EnumMap<>(Method.class);
  }

  private record Entry(Operation<?, ?> operation, List<String> names) {}

  void add(Operation<?, ?> operation) {
    Operation.Declaration d = operation.declaration();
    List<String> names = new ArrayList<>();
    Node node = root;
    for (String segment : d.path().substring(1).split("/", -1)) {
      if (segment.startsWith("*")) {
        names.add(segment.substring(1));
        node.rest.put(d.method(), new Entry(operation, names));
        return;
      }
      if (segment.startsWith(":")) {
        names.add(segment.substring(1));
        if (node.parameter == null) {
          node.parameter = new Node();
        }
        node = node.parameter;
      } else {
        node = node.literals.computeIfAbsent(segment, s -> new Node());
      }
    }
    node.entries.put(d.method(), new Entry(operation, names));
  }

  @Nullable Match find(List<String> segments) {
    return find(root, segments, 0, new ArrayList<>());
  }

  private static @Nullable Match find(
      Node node, List<String> segments, int at, List<String> values) {
    if (at == segments.size()) {
      return node.entries.isEmpty() ? null : match(node.entries, values);
    }
    Node literal = node.literals.get(segments.get(at));
    if (literal != null) {
      Match found = find(literal, segments, at + 1, values);
      if (found != null) {
        return found;
      }
    }
    if (node.parameter != null && !segments.get(at).isEmpty()) {
      values.add(segments.get(at));
      Match found = find(node.parameter, segments, at + 1, values);
      if (found != null) {
        return found;
      }
      values.removeLast();
    }
    if (!node.rest.isEmpty()) {
      values.add(String.join("/", segments.subList(at, segments.size())));
      return match(node.rest, values);
    }
    return null;
  }

  private static Match match(Map<Method, Entry> entries, List<String> values) {
    Map<Method, Operation<?, ?>> operations = new EnumMap<>(Method.class);
    Map<String, String> parameters = new LinkedHashMap<>();
    entries.forEach((method, entry) -> {
      operations.put(method, entry.operation());
      for (int i = 0; i < values.size(); i++) {
        parameters.put(entry.names().get(i), values.get(i));
      }
    });
    return new Match(operations, parameters);
  }
}
