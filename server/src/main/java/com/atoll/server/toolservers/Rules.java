package com.atoll.server.toolservers;

import com.atoll.model.AtollException;
import com.atoll.server.http.Json;
import com.atoll.server.outbound.CustomHeaders;
import com.atoll.server.outbound.Outbound;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What a tool server may be, as far as the types of its fields do not say it. */
final class Rules {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,99}");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,99}");
  private static final Pattern PLACE = Pattern.compile("\\{\\{\\s*([A-Za-z0-9_.-]+)\\s*}}");
  private static final int LONGEST_SECRET = 8 << 10;
  private static final int LONGEST_ARGUMENT = 4 << 10;
  private static final int MOST_JSON = 16 << 10;

  private Rules() {}

  static Map<String, String> secrets(@Nullable Map<String, String> asked) {
    if (asked == null) {
      return Map.of();
    }
    asked.forEach((name, value) -> {
      if (!NAME.matcher(name).matches()) {
        throw AtollException.invalid("secrets", "must have names of letters, digits, _, . and -");
      }
      if (value.length() > LONGEST_SECRET || !value.matches("[\\x20-\\x7e\\t]*")) {
        throw AtollException.invalid("secrets", "must have values of printable ASCII characters");
      }
    });
    return asked;
  }

  static List<String> args(@Nullable List<String> asked) {
    List<String> args = asked == null ? List.of() : asked;
    if (args.stream().anyMatch(arg -> arg.length() > LONGEST_ARGUMENT)) {
      throw AtollException.invalid("args", "must each be at most " + LONGEST_ARGUMENT + " long");
    }
    return args;
  }

  /** A map, or a list of names that stand for themselves. */
  static Map<String, String> names(String field, @Nullable JsonNode asked) {
    Map<String, String> names = new LinkedHashMap<>();
    if (asked == null || asked.isNull()) {
      return names;
    }
    if (asked.isArray()) {
      asked.forEach(item -> names.put(item.asString(""), item.asString("")));
    } else if (asked.isObject()) {
      asked.properties().forEach(e -> names.put(e.getKey(), e.getValue().asString("")));
    } else {
      throw AtollException.invalid(field, "must be a map or a list of names");
    }
    names.forEach((key, name) -> {
      if (!NAME.matcher(key).matches() || !NAME.matcher(name).matches() || names.size() > 20) {
        throw AtollException.invalid(field, "must hold at most 20 names of letters and digits");
      }
    });
    return names;
  }

  /** Secrets are named in it, never told. */
  static Map<String, Object> auth(@Nullable Map<String, Object> asked) {
    if (asked == null) {
      return Map.of();
    }
    if (!Set.of("type", "secret").containsAll(asked.keySet())) {
      throw AtollException.invalid(
          "auth", "must hold type and secret, the name of a secret; values belong into secrets");
    }
    String type = String.valueOf(asked.getOrDefault("type", "none"));
    if (!Set.of("none", "bearer", "basic").contains(type)) {
      throw AtollException.invalid("auth", "must have the type none, bearer or basic");
    }
    if (!type.equals("none") && !(asked.get("secret") instanceof String)) {
      throw AtollException.invalid("auth", "must name the secret");
    }
    return asked;
  }

  static Map<String, Object> metadata(@Nullable Map<String, Object> asked) {
    if (asked == null) {
      return Map.of();
    }
    String json = Json.MAPPER.writeValueAsString(asked);
    if (json.length() > MOST_JSON || json.contains("\\u0000")) {
      throw AtollException.invalid("metadata", "must be at most 16 KiB of JSON without NUL");
    }
    return asked;
  }

  /** Refuses a server as a whole: what contradicts itself, or names secrets that it has not. */
  static void check(Spec spec, Outbound outbound) {
    if (spec.transport().isRemote()) {
      if (spec.url() == null) {
        throw AtollException.invalid("url", "must be there for a remote server");
      }
      var _ = outbound.check(spec.url());
    } else if (spec.command() == null) {
      throw AtollException.invalid("command", "must be there for a stdio server");
    }
    var _ = CustomHeaders.check(spec.headersTemplate());
    Set<String> known = spec.secrets().keySet();
    for (String value : spec.headersTemplate().values()) {
      places(value).forEach(name -> require("headers_template", known, name));
    }
    spec.secretHeaders()
        .forEach((header, name) -> {
          var _ = CustomHeaders.check(Map.of(header, ""));
          require("secret_headers", known, name);
        });
    spec.secretEnv()
        .forEach((variable, name) -> {
          if (!VARIABLE.matcher(variable).matches()) {
            throw AtollException.invalid("secret_env", "must have names of variables");
          }
          require("secret_env", known, name);
        });
    if (spec.auth().get("secret") instanceof String name) {
      require("auth", known, name);
    }
  }

  private static void require(String field, Set<String> known, String name) {
    if (!known.contains(name)) {
      throw AtollException.invalid(field, "names the secret " + name + ", which is not there");
    }
  }

  /** The names in a template. */
  static List<String> places(String template) {
    return PLACE.matcher(template).results().map(found -> found.group(1)).toList();
  }

  /** A template with its values. */
  static String filled(String template, Map<String, String> values) {
    return PLACE
        .matcher(template)
        .replaceAll(found -> Matcher.quoteReplacement(values.getOrDefault(found.group(1), "")));
  }
}
