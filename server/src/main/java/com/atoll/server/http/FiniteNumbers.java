package com.atoll.server.http;

import com.atoll.model.AtollException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Refuses numbers like {@code 1e400}. They read as infinite ones, which JSON cannot write: stored,
 * they would come back as text.
 */
final class FiniteNumbers {
  private static final int MOST_TOLD = 20;

  private final Map<String, List<String>> problems = new LinkedHashMap<>();

  private FiniteNumbers() {}

  static void require(JsonNode json) {
    FiniteNumbers numbers = new FiniteNumbers();
    numbers.look(json, "");
    if (!numbers.problems.isEmpty()) {
      throw AtollException.invalid(numbers.problems);
    }
  }

  private void look(JsonNode node, String place) {
    if (node.isObject()) {
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        if (mayHold(field.getValue())) {
          look(field.getValue(), place.isEmpty() ? field.getKey() : place + "." + field.getKey());
        }
      }
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        if (mayHold(node.get(i))) {
          look(node.get(i), place + "[" + i + "]");
        }
      }
    } else if (!Double.isFinite(node.doubleValue()) && problems.size() < MOST_TOLD) {
      problems.put(place, new ArrayList<>(List.of("must be a number of at most 1.8e308")));
    }
  }

  /** Most values are text, whose place nobody has to know. */
  private static boolean mayHold(JsonNode node) {
    return node.isContainer() || node.isDouble();
  }
}
