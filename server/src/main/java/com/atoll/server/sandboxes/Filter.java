package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.SandboxState;
import com.atoll.server.http.Call;
import com.atoll.server.http.Times;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jooq.Condition;
import org.jooq.JSONB;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Which sandboxes a list shows.
 *
 * @param metadata JSON object that their metadata holds
 * @param oldestFirst whether the list is the other way round
 */
record Filter(
    List<String> states,
    List<String> tags,
    @Nullable String name,
    @Nullable String templateId,
    @Nullable JsonNode metadata,
    @Nullable OffsetDateTime startedAfter,
    boolean oldestFirst) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  static Filter of(Call call) {
    return new Filter(
        states(call.query("state")),
        words(call.query("tags")),
        call.query("name"),
        call.query("template_id"),
        object(call.query("metadata")),
        Times.of("started_after", call.query("started_after")),
        oldestFirst(call.query("order")));
  }

  /** The same with the id of the template that is named. */
  Filter meaning(UnaryOperator<String> template) {
    return templateId == null || templateId.isEmpty()
        ? this
        : new Filter(
            states, tags, name, template.apply(templateId), metadata, startedAfter, oldestFirst);
  }

  Condition condition() {
    Condition all =
        states.isEmpty()
            ? DSL.condition("s.state <> 'destroyed'")
            : DSL.condition(
                "s.state = any(cast(? as text[]))", (Object) states.toArray(String[]::new));
    if (!tags.isEmpty()) {
      all =
          all.and(
              DSL.condition("s.tags @> cast(? as text[])", (Object) tags.toArray(String[]::new)));
    }
    if (metadata != null) {
      JSONB held = JSONB.valueOf(JSON.writeValueAsString(metadata));
      all = all.and(DSL.condition("s.metadata @> cast(? as jsonb)", held));
    }
    if (startedAfter != null) {
      all = all.and(DSL.condition("s.started_at > cast(? as timestamptz)", startedAfter));
    }
    return all.and(equal("name", name)).and(equal("template_id", templateId));
  }

  private static Condition equal(String column, @Nullable String value) {
    return value == null || value.isEmpty()
        ? DSL.noCondition()
        : DSL.condition("s." + column + " = ?", value);
  }

  private static @Nullable JsonNode object(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return null;
    }
    try {
      JsonNode node = JSON.readTree(text);
      if (node.isObject() && !text.contains("\\u0000")) {
        return node;
      }
    } catch (JacksonException malformed) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, "metadata");
    }
    throw AtollException.of(ErrorCode.INVALID_PARAM, "metadata");
  }

  private static boolean oldestFirst(@Nullable String order) {
    return switch (order) {
      case null -> false;
      case "desc" -> false;
      case "asc" -> true;
      default -> throw AtollException.of(ErrorCode.INVALID_PARAM, "order");
    };
  }

  private static List<String> states(@Nullable String text) {
    List<String> states = words(text);
    for (String state : states) {
      if (!isState(state)) {
        throw AtollException.of(ErrorCode.INVALID_PARAM, "state");
      }
    }
    return states;
  }

  /** Whether it is a state, also one that clients know and no sandbox here is ever in. */
  static boolean isState(String state) {
    return Arrays.stream(SandboxState.values()).anyMatch(s -> s.wire().equals(state))
        || List.of("provisioning", "stopped", "pausing", "resuming").contains(state);
  }

  private static List<String> words(@Nullable String text) {
    return text == null
        ? List.of()
        : Arrays.stream(text.split(",")).map(String::strip).filter(w -> !w.isEmpty()).toList();
  }
}
