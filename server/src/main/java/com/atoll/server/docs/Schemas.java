package com.atoll.server.docs;

import com.atoll.server.http.Doc;
import com.atoll.server.http.Fields;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** JSON schemas of the records that travel. */
final class Schemas {
  private final Map<String, Map<String, Object>> named = new TreeMap<>();
  private final Map<Class<?>, String> names = new HashMap<>();

  /** The schemas by name, of all records that were referred to. */
  Map<String, Map<String, Object>> named() {
    return named;
  }

  Map<String, Object> of(Type type) {
    if (type instanceof ParameterizedType generic) {
      return generic(generic);
    }
    if (type instanceof WildcardType || !(type instanceof Class<?> c)) {
      return new LinkedHashMap<>();
    }
    if (c.isRecord()) {
      return reference(c);
    }
    if (c.isSealed()) {
      Map<String, Object> either = new LinkedHashMap<>();
      either.put("oneOf", Arrays.stream(c.getPermittedSubclasses()).map(this::of).toList());
      return either;
    }
    if (c.isEnum()) {
      return one("type", "string");
    }
    return scalar(c);
  }

  private static Map<String, Object> scalar(Class<?> c) {
    if (c == String.class || c.getName().startsWith("com.atoll.model.")) {
      return one("type", "string");
    }
    if (c == int.class || c == Integer.class || c == long.class || c == Long.class) {
      return one("type", "integer");
    }
    if (c == double.class || c == Double.class) {
      return one("type", "number");
    }
    if (c == boolean.class || c == Boolean.class) {
      return one("type", "boolean");
    }
    if (c == Instant.class) {
      Map<String, Object> time = one("type", "string");
      time.put("format", "date-time");
      return time;
    }
    return new LinkedHashMap<>();
  }

  private Map<String, Object> generic(ParameterizedType generic) {
    Type[] arguments = generic.getActualTypeArguments();
    if (generic.getRawType() instanceof Class<?> raw && Collection.class.isAssignableFrom(raw)) {
      Map<String, Object> list = one("type", "array");
      list.put("items", of(arguments[0]));
      return list;
    }
    if (generic.getRawType() == Map.class) {
      Map<String, Object> map = one("type", "object");
      map.put("additionalProperties", of(arguments[1]));
      return map;
    }
    return new LinkedHashMap<>();
  }

  private Map<String, Object> reference(Class<?> type) {
    String name = name(type);
    if (!named.containsKey(name)) {
      named.put(name, Map.of());
      Map<String, Object> properties = new LinkedHashMap<>();
      List<String> required = new ArrayList<>();
      properties(type, properties, required);
      Map<String, Object> schema = one("type", "object");
      schema.put("properties", properties);
      if (!required.isEmpty()) {
        schema.put("required", required);
      }
      named.put(name, schema);
    }
    return one("$ref", "#/components/schemas/" + name);
  }

  private String name(Class<?> type) {
    String known = names.get(type);
    if (known != null) {
      return known;
    }
    String made = nameFor(type);
    names.put(type, made);
    return made;
  }

  /**
   * Records of different capabilities may have the same name: the later one carries its package, or
   * where that is taken too the class around it.
   */
  private String nameFor(Class<?> type) {
    String name = type.getSimpleName();
    if (!names.containsValue(name)) {
      return name;
    }
    String place = type.getPackageName();
    String last = place.substring(place.lastIndexOf('.') + 1);
    String ofPackage = Character.toUpperCase(last.charAt(0)) + last.substring(1) + name;
    Class<?> outer = type.getEnclosingClass();
    return outer == null || !names.containsValue(ofPackage)
        ? ofPackage
        : outer.getSimpleName() + name;
  }

  private void properties(Class<?> type, Map<String, Object> into, List<String> required) {
    for (RecordComponent component : type.getRecordComponents()) {
      if (Fields.isUnwrapped(component)) {
        properties(component.getType(), into, required);
        continue;
      }
      String name = Fields.wireName(component);
      Map<String, Object> schema = of(component.getGenericType());
      Map<String, Object> described = new LinkedHashMap<>(schema);
      Doc doc = component.getAnnotation(Doc.class);
      if (doc != null) {
        described.put("description", doc.value());
        bound(described, doc);
      }
      if (Fields.isOptional(component)) {
        if (schema.get("type") instanceof String one) {
          described.put("type", List.of(one, "null"));
        } else if (schema.containsKey("$ref")) {
          described.remove("$ref");
          described.put("anyOf", List.of(schema, one("type", "null")));
        }
      } else {
        required.add(name);
      }
      into.put(name, described);
    }
  }

  /** What {@link Doc} bounds, as a schema says it. */
  private static void bound(Map<String, Object> schema, Doc doc) {
    String least;
    String most;
    switch (String.valueOf(schema.get("type"))) {
      case "integer", "number" -> {
        least = "minimum";
        most = "maximum";
      }
      case "string" -> {
        least = "minLength";
        most = "maxLength";
      }
      case "array" -> {
        least = "minItems";
        most = "maxItems";
      }
      case "object" -> {
        least = "minProperties";
        most = "maxProperties";
      }
      default -> {
        return;
      }
    }
    if (doc.min() != Long.MIN_VALUE) {
      schema.put(least, doc.min());
    }
    if (doc.max() != Long.MAX_VALUE) {
      schema.put(most, doc.max());
    }
    if (!doc.pattern().isEmpty()) {
      schema.put("pattern", "^(?:" + doc.pattern() + ")$");
    }
  }

  private static Map<String, Object> one(String key, String value) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(key, value);
    return map;
  }
}
