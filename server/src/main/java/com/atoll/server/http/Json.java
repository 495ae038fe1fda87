package com.atoll.server.http;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.ser.std.StdSerializer;
import tools.jackson.databind.type.LogicalType;

/** JSON as it travels: snake_case, strict types, UTC times of millisecond precision. */
public final class Json {
  private static final int LONGEST_TEXT = 100 << 20;
  private static final int MOST_TOKENS = 500_000;

  /** The one mapper of the API. */
  public static final JsonMapper MAPPER = mapper();

  private Json() {}

  /** Binds JSON that was a request earlier, as a request is bound. */
  public static <T> T bind(Class<T> type, ObjectNode json) {
    return RecordBinder.bind(type, json);
  }

  /** The same with the fields of each object in the order of their names, for hashing. */
  public static JsonNode sorted(JsonNode json) {
    if (json instanceof ObjectNode object) {
      TreeMap<String, JsonNode> fields = new TreeMap<>();
      object.properties().forEach(field -> fields.put(field.getKey(), sorted(field.getValue())));
      ObjectNode out = MAPPER.createObjectNode();
      fields.forEach(out::set);
      return out;
    }
    if (json instanceof ArrayNode items) {
      ArrayNode out = MAPPER.createArrayNode();
      items.forEach(item -> out.add(sorted(item)));
      return out;
    }
    return json;
  }

  private static JsonMapper mapper() {
    JsonFactory factory =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxStringLength(LONGEST_TEXT)
                    .maxTokenCount(MOST_TOKENS)
                    .maxNestingDepth(100)
                    .build())
            .build();
    return JsonMapper.builder(factory)
        .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
        .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
        .withCoercionConfig(
            LogicalType.Textual,
            c ->
                c.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
        .addModule(new SimpleModule().addSerializer(Instant.class, new Timestamps()))
        .build();
  }

  /** Some clients read at most six digits of a fraction. */
  private static final class Timestamps extends StdSerializer<Instant> {
    Timestamps() {
      super(Instant.class);
    }

    @Override
    public void serialize(Instant value, JsonGenerator out, SerializationContext context) {
      out.writeString(value.truncatedTo(ChronoUnit.MILLIS).toString());
    }
  }
}
