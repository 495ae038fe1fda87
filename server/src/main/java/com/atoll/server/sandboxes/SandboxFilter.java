package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.server.http.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Which sandboxes a request means without naming them: the filters of their list as an object. One
 * that says nothing, or something that is not known, is refused, since it would mean too many.
 */
public final class SandboxFilter {
  private static final Set<String> PLACES =
      Set.of(
          "workspace_id",
          "project_id",
          "external_workspace_id",
          "external_user_id",
          "external_project_id");
  private static final Set<String> TEXTS = Set.of("name", "template_id");
  private static final Set<String> LISTS = Set.of("tags", "state");
  private static final String METADATA = "metadata";
  private static final int LONGEST = 255;
  private static final int MOST_WORDS = 64;

  private final Filter rows;
  private final Map<String, String> places;

  private SandboxFilter(Filter rows, Map<String, String> places) {
    this.rows = rows;
    this.places = places;
  }

  /**
   * Reads a filter.
   *
   * @param field what the request calls it
   */
  public static SandboxFilter of(String field, Map<String, Object> asked) {
    if (asked.isEmpty()) {
      throw AtollException.invalid(field, "must not be empty; it may hold " + known());
    }
    Map<String, String> places = new LinkedHashMap<>();
    Map<String, String> texts = new LinkedHashMap<>();
    Map<String, List<String>> lists = new LinkedHashMap<>();
    JsonNode metadata = null;
    for (Map.Entry<String, Object> entry : asked.entrySet()) {
      String key = entry.getKey();
      String named = field + "." + key;
      if (PLACES.contains(key)) {
        places.put(key, text(named, entry.getValue()));
      } else if (TEXTS.contains(key)) {
        texts.put(key, text(named, entry.getValue()));
      } else if (LISTS.contains(key)) {
        lists.put(key, words(named, entry.getValue()));
      } else if (key.equals(METADATA)) {
        metadata = object(named, entry.getValue());
      } else {
        throw AtollException.invalid(field, "may hold only " + known());
      }
    }
    List<String> states = lists.getOrDefault("state", List.of());
    if (!states.stream().allMatch(Filter::isState)) {
      throw AtollException.invalid(field + ".state", "must be states of sandboxes");
    }
    Filter rows =
        new Filter(
            states,
            lists.getOrDefault("tags", List.of()),
            texts.get("name"),
            texts.get("template_id"),
            metadata,
            null,
            true);
    return new SandboxFilter(rows, places);
  }

  Filter rows() {
    return rows;
  }

  Map<String, String> places() {
    return places;
  }

  private static String known() {
    Set<String> all = new TreeSet<>(PLACES);
    all.addAll(TEXTS);
    all.addAll(LISTS);
    all.add(METADATA);
    return String.join(", ", all);
  }

  private static String text(String field, @Nullable Object value) {
    if (value instanceof String text && !text.isBlank() && text.length() <= LONGEST) {
      return text;
    }
    throw AtollException.invalid(field, "must be 1 to " + LONGEST + " characters");
  }

  /** A list of words, or one text in which commas part them, as a query has it. */
  private static List<String> words(String field, @Nullable Object value) {
    List<?> items = value instanceof String text ? Arrays.asList(text.split(",")) : List.of();
    if (value instanceof List<?> list) {
      items = list;
    }
    if (items.isEmpty() || items.size() > MOST_WORDS) {
      throw AtollException.invalid(field, "must be a list of 1 to " + MOST_WORDS + " words");
    }
    List<String> words = new ArrayList<>();
    items.forEach(item -> words.add(text(field, item).strip()));
    return words;
  }

  private static JsonNode object(String field, @Nullable Object value) {
    if (value instanceof Map<?, ?> map && !map.isEmpty()) {
      return Json.MAPPER.valueToTree(map);
    }
    throw AtollException.invalid(field, "must be an object that is not empty");
  }
}
