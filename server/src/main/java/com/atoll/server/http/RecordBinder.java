package com.atoll.server.http;

import com.atoll.model.AtollException;
import com.fasterxml.jackson.annotation.JsonAlias;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  private final Map<String, List<String>> problems = new LinkedHashMap<>();

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
    RecordComponent[] components = type.getRecordComponents();
    @Nullable Object[] values = new @Nullable Object[components.length];
    for (int i = 0; i < components.length; i++) {
      values[i] =
          Fields.isUnwrapped(components[i])
              ? nested(components[i].getType(), json, prefix)
              : value(components[i], json, prefix);
    }
    return values;
  }

  private @Nullable Object value(RecordComponent component, ObjectNode json, String prefix) {
    String field = prefix + Fields.wireName(component);
    JsonNode node = find(component, json);
    if (node == null || node.isNull()) {
      if (!Fields.isOptional(component)) {
        problem(field, "is required");
      }
      return null;
    }
    if (component.getType().isRecord()) {
      if (node instanceof ObjectNode object) {
        return nested(component.getType(), object, field + ".");
      }
      problem(field, "must be an object");
      return null;
    }
    Class<?> item = recordItem(component);
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
    } catch (JacksonException e) {
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

  private static @Nullable JsonNode find(RecordComponent component, ObjectNode json) {
    JsonNode node = json.get(Fields.wireName(component));
    JsonAlias alias = component.getAccessor().getAnnotation(JsonAlias.class);
    if (alias != null) {
      for (String name : alias.value()) {
        if (node == null || node.isNull()) {
          node = json.get(name);
        }
      }
    }
    return node;
  }

  private static @Nullable Class<?> recordItem(RecordComponent component) {
    return component.getType() == List.class
            && component.getGenericType() instanceof ParameterizedType list
            && list.getActualTypeArguments()[0] instanceof Class<?> item
            && item.isRecord()
        ? item
        : null;
  }

  private void problem(String field, String what) {
    problems.computeIfAbsent(field, f -> new ArrayList<>()).add(what);
  }

  private static <T> T construct(Class<T> type, @Nullable Object[] values) {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class[]::new);
    try {
      Constructor<T> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
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
    return Pattern.matches(pattern, text);
  }
}
