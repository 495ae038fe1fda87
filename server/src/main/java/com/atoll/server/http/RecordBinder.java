package com.atoll.server.http;

import com.atoll.model.AtollException;
import com.fasterxml.jackson.annotation.JsonAlias;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Binds the JSON of a request to its record and names every wrong field, not just the first one. A
 * component is required unless it is {@code @Nullable}.
 */
final class RecordBinder {
  // Reflection makes new components at every call, and their annotations are read anew.
  private static final ClassValue<Shape> SHAPES =
      new ClassValue<>() {
        @Override
        protected Shape computeValue(Class<?> type) {
          return Shape.of(type);
        }
      };

  private static final Map<String, Pattern> PATTERNS = new ConcurrentHashMap<>();

  private final Map<String, List<String>> problems = new LinkedHashMap<>();

  private record Shape(List<Part> parts, Constructor<?> constructor) {
    static Shape of(Class<?> type) {
      List<RecordComponent> components = List.of(type.getRecordComponents());
      try {
        Constructor<?> constructor =
            type.getDeclaredConstructor(
                components.stream().map(RecordComponent::getType).toArray(Class[]::new));
        constructor.setAccessible(true);
        return new Shape(components.stream().map(Part::of).toList(), constructor);
      } catch (NoSuchMethodException e) {
        throw new IllegalStateException(type + " is no record", e);
      }
    }
  }

  /** A component and what its annotations say. */
  private record Part(
      RecordComponent component,
      String wireName,
      List<String> aliases,
      boolean optional,
      boolean unwrapped,
      @Nullable Class<?> recordItem) {
    static Part of(RecordComponent component) {
      JsonAlias alias = component.getAccessor().getAnnotation(JsonAlias.class);
      return new Part(
          component,
          Fields.wireName(component),
          alias == null ? List.of() : List.of(alias.value()),
          Fields.isOptional(component),
          Fields.isUnwrapped(component),
          itemOf(component));
    }

    private static @Nullable Class<?> itemOf(RecordComponent component) {
      return component.getType() == List.class
              && component.getGenericType() instanceof ParameterizedType list
              && list.getActualTypeArguments()[0] instanceof Class<?> item
              && item.isRecord()
          ? item
          : null;
    }

    @Nullable JsonNode find(ObjectNode json) {
      JsonNode node = json.get(wireName);
      for (String name : aliases) {
        if (node == null || node.isNull()) {
          node = json.get(name);
        }
      }
      return node;
    }
  }

  private RecordBinder() {}

  static <T> T bind(Class<T> type, ObjectNode json) {
    RecordBinder binder = new RecordBinder();
    @Nullable Object[] values = binder.values(type, json, "");
    if (!binder.problems.isEmpty()) {
      throw AtollException.invalid(binder.problems);
    }
    return construct(type, values);
  }

  private @Nullable Object[] values(Class<?> type, ObjectNode json, String prefix) {
    List<Part> parts = SHAPES.get(type).parts();
    @Nullable Object[] values = new @Nullable Object[parts.size()];
    for (int i = 0; i < values.length; i++) {
      Part part = parts.get(i);
      values[i] =
          part.unwrapped()
              ? nested(part.component().getType(), json, prefix)
              : value(part, json, prefix);
    }
    return values;
  }

  private @Nullable Object value(Part part, ObjectNode json, String prefix) {
    String field = prefix + part.wireName();
    JsonNode node = part.find(json);
    if (node == null || node.isNull()) {
      if (!part.optional()) {
        problem(field, "is required");
      }
      return null;
    }
    RecordComponent component = part.component();
    if (component.getType().isRecord()) {
      if (node instanceof ObjectNode object) {
        return nested(component.getType(), object, field + ".");
      }
      problem(field, "must be an object");
      return null;
    }
    Class<?> item = part.recordItem();
    return item == null ? scalar(component, node, field) : list(item, node, field);
  }

  private @Nullable Object scalar(RecordComponent component, JsonNode node, String field) {
    try {
      Object value =
          Json.MAPPER.treeToValue(
              node, Json.MAPPER.getTypeFactory().constructType(component.getGenericType()));
      String problem = Bounds.problem(component, value);
      if (problem != null) {
        problem(field, problem);
      }
      return value;
    } catch (JacksonException | DateTimeException | ArithmeticException e) {
      problem(field, Bounds.expectation(component.getType()));
      return null;
    }
  }

  private @Nullable Object list(Class<?> item, JsonNode node, String field) {
    if (!node.isArray() || node.size() > 10_000) {
      problem(field, "must be a list of objects");
      return null;
    }
    List<@Nullable Object> items = new ArrayList<>();
    for (int i = 0; i < node.size(); i++) {
      String place = field + "[" + i + "]";
      if (node.get(i) instanceof ObjectNode object) {
        items.add(nested(item, object, place + "."));
      } else {
        problem(place, "must be an object");
      }
    }
    return items;
  }

  private @Nullable Object nested(Class<?> type, ObjectNode json, String prefix) {
    int before = problems.size();
    @Nullable Object[] values = values(type, json, prefix);
    return problems.size() > before ? null : construct(type, values);
  }

  private void problem(String field, String what) {
    problems.computeIfAbsent(field, f -> new ArrayList<>()).add(what);
  }

  private static <T> T construct(Class<T> type, @Nullable Object[] values) {
    try {
      return type.cast(SHAPES.get(type).constructor().newInstance(values));
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException problem) {
        throw problem;
      }
      throw new IllegalStateException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be made", e);
    }
  }

  static boolean matches(String pattern, String text) {
    return PATTERNS.computeIfAbsent(pattern, Pattern::compile).matcher(text).matches();
  }
}
