package com.atoll.server.http;

import com.atoll.server.http.Operation.Access;
import com.atoll.server.http.Operation.Declaration;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The rules that every declaration keeps. */
final class DeclarationRules {
  private static final Pattern ID = Pattern.compile("[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+");
  private static final Pattern PATH =
      Pattern.compile("(/([a-zA-Z0-9._-]+|:[a-z_]+))+(/\\*[a-z_]+)?");
  private static final Pattern SCOPE = Pattern.compile("[a-z-]+:[a-z]+");

  private DeclarationRules() {}

  static List<String> breaches(Declaration d) {
    List<String> found = new ArrayList<>();
    require(found, d, ID.matcher(d.id()).matches(), "the id is not of the form area.name");
    require(found, d, PATH.matcher(d.path()).matches(), "the path " + d.path() + " is malformed");
    require(found, d, d.summary().endsWith("."), "the summary is not a sentence");
    require(
        found, d, d.access() != Access.UNDECLARED, "neither scope, anyScope nor anyone is said");
    require(found, d, d.priority().matches("P[1-4]"), "the priority is not P1 to P4");
    String scope = d.scope();
    require(found, d, scope == null || SCOPE.matcher(scope).matches(), "the scope is malformed");
    require(
        found,
        d,
        !d.method().writes() || d.idempotency() != null,
        "a write does not say its idempotency");
    require(
        found,
        d,
        d.access() != Access.ANYONE || d.idempotency() != Idempotency.KEY,
        "an idempotency key needs a credential");
    require(
        found,
        d,
        d.envelope() != Envelope.NO_CONTENT || d.status() == 204,
        "an answer without content has status 204");
    d.parameters()
        .forEach(p -> require(found, d, !p.doc().isEmpty(), p.name() + " is undescribed"));
    describe(found, d, d.request(), new HashSet<>());
    describe(found, d, d.response(), new HashSet<>());
    return found;
  }

  private static void require(List<String> found, Declaration d, boolean kept, String breach) {
    if (!kept) {
      found.add((d.id().isEmpty() ? d.method() + " " + d.path() : d.id()) + ": " + breach);
    }
  }

  private static void describe(List<String> found, Declaration d, Type type, Set<Type> seen) {
    if (type instanceof ParameterizedType generic) {
      for (Type argument : generic.getActualTypeArguments()) {
        describe(found, d, argument, seen);
      }
    }
    if (!(type instanceof Class<?> c) || !c.isRecord() || !seen.add(type)) {
      return;
    }
    for (RecordComponent component : c.getRecordComponents()) {
      Doc doc = component.getAnnotation(Doc.class);
      require(
          found,
          d,
          Fields.isUnwrapped(component) || (doc != null && !doc.value().isBlank()),
          c.getSimpleName() + "." + component.getName() + " has no description");
      describe(found, d, component.getGenericType(), seen);
    }
  }
}
