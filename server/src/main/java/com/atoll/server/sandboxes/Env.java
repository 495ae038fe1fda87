package com.atoll.server.sandboxes;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The environment of a sandbox.
 *
 * @param hidden names whose values are never shown again
 * @param lent those of them whose values come of secrets, which belong to this sandbox alone; null
 *     in what was stored before there was a difference
 */
record Env(Map<String, String> values, Set<String> hidden, @Nullable Set<String> lent) {
  static final Env EMPTY = new Env(Map.of(), Set.of(), null);

  static Env of(Map<String, String> values) {
    return new Env(values, Set.of(), null);
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  /** What a copy of the sandbox has. */
  Env copied() {
    Env copy = this;
    for (String name : lentNow()) {
      copy = copy.without(name);
    }
    return copy;
  }

  Env lent(String name, String value) {
    Env with = with(Map.of(name, value), Set.of(name));
    Set<String> all = new TreeSet<>(with.lentNow());
    all.add(name);
    return new Env(with.values, with.hidden, all);
  }

  boolean isLent(String name) {
    return lentNow().contains(name);
  }

  /**
   * The same, knowing that the values of these come of secrets, where their owner set none since.
   */
  Env knownLent(Collection<String> names) {
    Set<String> all = new TreeSet<>(lentNow());
    names.stream().filter(hidden::contains).forEach(all::add);
    return all.equals(lentNow()) ? this : new Env(values, hidden, all);
  }

  private Set<String> lentNow() {
    return lent == null ? Set.of() : lent;
  }

  private static Set<String> less(Set<String> names, Set<String> gone) {
    Set<String> rest = new TreeSet<>(names);
    rest.removeAll(gone);
    return rest;
  }

  Env with(Map<String, String> set, Set<String> nowHidden) {
    Map<String, String> all = new TreeMap<>(values);
    all.putAll(set);
    Set<String> stillHidden = less(hidden, set.keySet());
    stillHidden.addAll(nowHidden);
    return new Env(Bounds.env(all), stillHidden, less(lentNow(), set.keySet()));
  }

  Env without(String name) {
    Map<String, String> rest = new TreeMap<>(values);
    rest.remove(name);
    Set<String> gone = Set.of(name);
    return new Env(rest, less(hidden, gone), less(lentNow(), gone));
  }
}
