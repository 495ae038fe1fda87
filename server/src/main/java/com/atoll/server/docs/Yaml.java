package com.atoll.server.docs;

import com.atoll.server.http.Json;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Writes maps, lists and scalars as YAML: block style, texts quoted as in JSON where that is
 * needed.
 */
public final class Yaml {
  private static final Pattern PLAIN =
      Pattern.compile("[A-Za-z/$][A-Za-z0-9 /$_.{}#-]*[A-Za-z0-9}.]|[A-Za-z]");
  private static final Pattern WORD = Pattern.compile("(?i)true|false|null|yes|no|on|off|y|n");

  private Yaml() {}

  /** The text of a document. */
  public static String write(Map<String, ?> document) {
    StringBuilder out = new StringBuilder();
    map(out, document, 0);
    return out.toString();
  }

  private static void map(StringBuilder out, Map<?, ?> map, int depth) {
    map.forEach((key, value) -> {
      out.repeat(' ', depth * 2).append(scalar(String.valueOf(key))).append(':');
      value(out, value, depth + 1);
    });
  }

  private static void value(StringBuilder out, Object value, int depth) {
    switch (value) {
      case Map<?, ?> map when map.isEmpty() -> out.append(" {}\n");
      case List<?> list when list.isEmpty() -> out.append(" []\n");
      case Map<?, ?> map -> {
        out.append('\n');
        map(out, map, depth);
      }
      case List<?> list -> {
        out.append('\n');
        list.forEach(item -> item(out, item, depth));
      }
      case String text -> out.append(' ').append(scalar(text)).append('\n');
      default -> out.append(' ').append(value).append('\n');
    }
  }

  private static void item(StringBuilder out, Object item, int depth) {
    int start = out.length();
    if (item instanceof Map<?, ?> map && !map.isEmpty()) {
      map(out, map, depth + 1);
      out.setCharAt(start + depth * 2, '-');
      return;
    }
    out.repeat(' ', depth * 2).append('-');
    value(out, item, depth + 1);
  }

  private static String scalar(String text) {
    boolean plain =
        PLAIN.matcher(text).matches() && !WORD.matcher(text).matches() && !text.contains(" #");
    return plain ? text : Json.MAPPER.writeValueAsString(text);
  }
}
