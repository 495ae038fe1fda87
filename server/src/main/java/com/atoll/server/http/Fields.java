package com.atoll.server.http;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.lang.reflect.RecordComponent;
import org.jspecify.annotations.Nullable;

/** How the components of a record appear on the wire. */
public final class Fields {
  private Fields() {}

  /** The name of a component as it travels. */
  public static String wireName(RecordComponent component) {
    JsonProperty named = component.getAccessor().getAnnotation(JsonProperty.class);
    if (named != null && !named.value().isEmpty()) {
      return named.value();
    }
    StringBuilder snake = new StringBuilder();
    for (char c : component.getName().toCharArray()) {
      if (Character.isUpperCase(c)) {
        snake.append('_').append(Character.toLowerCase(c));
      } else {
        snake.append(c);
      }
    }
    return snake.toString();
  }

  /** Whether a request may leave it out, and an answer say null. */
  public static boolean isOptional(RecordComponent component) {
    return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
  }

  /** Whether its fields stand in the parent. */
  public static boolean isUnwrapped(RecordComponent component) {
    return component.getAccessor().isAnnotationPresent(JsonUnwrapped.class);
  }
}
