package com.atoll.server.http;

import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Checks a bound value against what its {@link Doc} allows. */
final class Bounds {
  private static final int LONGEST_TEXT = 1 << 20;

  private Bounds() {}

  static @Nullable String problem(RecordComponent component, @Nullable Object value) {
    Doc doc = component.getAnnotation(Doc.class);
    return switch (value) {
      case null -> null;
      case String text -> text(doc, text);
      case Number number -> range(doc, number.longValue(), "", "");
      case Collection<?> items -> collection(doc, items);
      case Map<?, ?> map -> map(doc, map);
      case Instant at -> Times.isKept(at) ? null : Times.EXPECTED;
      case OffsetDateTime at -> Times.isKept(at) ? null : Times.EXPECTED;
      default -> null;
    };
  }

  static String expectation(Class<?> type) {
    if (type == String.class) {
      return "must be a string";
    }
    if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
      return "must be an integer";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "must be true or false";
    }
    if (Collection.class.isAssignableFrom(type)) {
      return "must be a list of the documented type";
    }
    if (Map.class.isAssignableFrom(type)) {
      return "must be an object of the documented type";
    }
    if (type == Instant.class || type == OffsetDateTime.class) {
      return Times.EXPECTED;
    }
    return "has the wrong type";
  }

  private static @Nullable String text(@Nullable Doc doc, String text) {
    boolean binary = doc != null && doc.binary();
    if (!binary && text.indexOf('\0') >= 0) {
      return "must not hold the character NUL";
    }
    if (!binary && text.length() > LONGEST_TEXT) {
      return "is too long";
    }
    if (hasLoneSurrogate(text)) {
      return "must be valid Unicode";
    }
    if (doc != null && !doc.pattern().isEmpty() && !RecordBinder.matches(doc.pattern(), text)) {
      return "must match " + doc.pattern();
    }
    return range(doc, text.length(), "be ", " characters long");
  }

  /** A value inside a free one may nest further; null is a value there. */
  private static @Nullable String problemWithin(@Nullable Object value) {
    return switch (value) {
      case String text -> text(null, text);
      case Map<?, ?> map -> map(null, map);
      case Collection<?> items ->
          items.stream()
              .map(Bounds::problemWithin)
              .filter(Objects::nonNull)
              .findFirst()
              .orElse(null);
      case null, default -> null;
    };
  }

  private static @Nullable String collection(@Nullable Doc doc, Collection<?> items) {
    for (Object item : items) {
      if (item == null) {
        return "must not hold null";
      }
      String problem = problemWithin(item);
      if (problem != null) {
        return "holds an item that " + problem;
      }
    }
    return range(doc, items.size(), "have ", " items");
  }

  private static @Nullable String map(@Nullable Doc doc, Map<?, ?> map) {
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (entry.getKey() instanceof String key && text(null, key) != null) {
        return "has a key that " + text(null, key);
      }
      String problem = problemWithin(entry.getValue());
      if (problem != null) {
        return "has a value that " + problem;
      }
    }
    return range(doc, map.size(), "have ", " entries");
  }

  private static @Nullable String range(@Nullable Doc doc, long value, String verb, String unit) {
    if (doc == null) {
      return null;
    }
    if (value < doc.min()) {
      return "must " + (verb.isEmpty() ? "be " : verb) + "at least " + doc.min() + unit;
    }
    if (value > doc.max()) {
      return "must " + (verb.isEmpty() ? "be " : verb) + "at most " + doc.max() + unit;
    }
    return null;
  }

  private static boolean hasLoneSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        return true;
      }
    }
    return false;
  }
}
