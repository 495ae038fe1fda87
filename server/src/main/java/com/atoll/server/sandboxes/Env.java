package com.atoll.server.sandboxes;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The environment of a sandbox.
 *
 * @param hidden names whose values are never shown again
 */
record Env(Map<String, String> values, Set<String> hidden) {
  static final Env EMPTY = new Env(Map.of(), Set.of());

  static Env of(Map<String, String> values) {
    return new Env(values, Set.of());
  }

  Env with(Map<String, String> set, Set<String> nowHidden) {
    Map<String, String> all = new TreeMap<>(values);
    all.putAll(set);
    Set<String> stillHidden = new TreeSet<>(hidden);
    stillHidden.removeAll(set.keySet());
    stillHidden.addAll(nowHidden);
    return new Env(Bounds.env(all), stillHidden);
  }

  Env without(String name) {
    Map<String, String> rest = new TreeMap<>(values);
    rest.remove(name);
    Set<String> stillHidden = new TreeSet<>(hidden);
    stillHidden.remove(name);
    return new Env(rest, stillHidden);
  }
}
