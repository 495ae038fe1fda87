package com.atoll.server.tokens;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What a browser can be allowed to do with a sandbox. */
@SuppressWarnings("ImmutableEnumChecker")
enum Ability {
  EXEC(
      List.of("sandboxes:exec"),
      List.of(
          "sandboxes.exec",
          "sandboxes.commands.",
          "sandboxes.processes.",
          "sandboxes.run_code",
          "sandboxes.code_contexts",
          "sandboxes.reset_code")),
  FILES(List.of("sandboxes:read", "sandboxes:write"), List.of("sandboxes.files.", "sandboxes.fs.")),
  TERMINAL(List.of("sandboxes:exec"), List.of("sandboxes.terminals.")),
  /** Opens the private ports at the gateway; the API itself has nothing for it. */
  PREVIEW(List.of("sandboxes:read"), List.of());

  /** What every browser may do: look at its sandbox, and get a ticket for a stream of it. */
  private static final List<String> ALWAYS =
      List.of("sandboxes.get", "sandboxes.readiness", "tokens.sse_ticket", "tokens.key_sse_ticket");

  private final List<String> scopes;
  private final List<String> operations;

  Ability(List<String> scopes, List<String> operations) {
    this.scopes = scopes;
    this.operations = operations;
  }

  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Ability> of(String wire) {
    return Stream.of(values()).filter(a -> a.wire().equals(wire)).findFirst();
  }

  /** The scopes that whoever mints a token with these needs, and that it gets. */
  static Set<String> scopes(Iterable<Ability> abilities) {
    Set<String> all = new TreeSet<>(List.of("sandboxes:read"));
    abilities.forEach(a -> all.addAll(a.scopes));
    return all;
  }

  /** What the ids of the operations begin with that a token with these may ask for. */
  static Set<String> operations(Iterable<Ability> abilities) {
    Set<String> all = new TreeSet<>(ALWAYS);
    abilities.forEach(a -> all.addAll(a.operations));
    return all;
  }
}
