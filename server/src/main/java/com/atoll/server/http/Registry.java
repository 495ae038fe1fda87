package com.atoll.server.http;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** All operations of the API, checked. */
public final class Registry {
  private final List<Operation<?, ?>> operations;
  private final Routes routes = new Routes();

  private Registry(List<Operation<?, ?>> operations) {
    this.operations = List.copyOf(operations);
    operations.forEach(routes::add);
  }

  /** The registry of these operations; every breach of the rules is told at once. */
  public static Registry of(List<? extends Operation<?, ?>> operations) {
    List<String> breaches = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    Set<String> routes = new HashSet<>();
    for (Operation<?, ?> operation : operations) {
      Operation.Declaration d = operation.declaration();
      breaches.addAll(DeclarationRules.breaches(d));
      if (!ids.add(d.id())) {
        breaches.add(d.id() + ": the id is used twice");
      }
      if (!routes.add(d.method() + " " + d.path().replaceAll(":[a-z_]+", ":"))) {
        breaches.add(d.id() + ": " + d.method() + " " + d.path() + " is declared twice");
      }
    }
    if (!breaches.isEmpty()) {
      throw new BrokenDeclarationsException(breaches);
    }
    return new Registry(List.copyOf(operations));
  }

  /** All operations, as declared. */
  public List<Operation<?, ?>> operations() {
    return operations;
  }

  Routes routes() {
    return routes;
  }
}
