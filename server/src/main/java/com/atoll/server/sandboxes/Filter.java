package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.SandboxState;
import com.atoll.server.http.Call;
import java.util.Arrays;
import java.util.List;
import org.jooq.Condition;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** Which sandboxes a list shows. */
record Filter(List<String> states, List<String> tags, @Nullable String name) {

  static Filter of(Call call) {
    return new Filter(states(call.query("state")), words(call.query("tags")), call.query("name"));
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
    return all.and(equal("name", name));
  }

  private static Condition equal(String column, @Nullable String value) {
    return value == null || value.isEmpty()
        ? DSL.noCondition()
        : DSL.condition("s." + column + " = ?", value);
  }

  private static List<String> states(@Nullable String text) {
    List<String> states = words(text);
    for (String state : states) {
      boolean known = Arrays.stream(SandboxState.values()).anyMatch(s -> s.wire().equals(state));
      // States that clients know and no sandbox here is ever in match nothing.
      if (!known && !List.of("provisioning", "stopped", "pausing", "resuming").contains(state)) {
        throw AtollException.of(ErrorCode.INVALID_PARAM, "state");
      }
    }
    return states;
  }

  private static List<String> words(@Nullable String text) {
    return text == null
        ? List.of()
        : Arrays.stream(text.split(",")).map(String::strip).filter(w -> !w.isEmpty()).toList();
  }
}
