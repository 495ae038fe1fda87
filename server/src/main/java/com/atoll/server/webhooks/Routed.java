package com.atoll.server.webhooks;

import com.atoll.server.store.Event;
import com.atoll.server.store.Tx;
import java.util.List;
import java.util.function.Predicate;
import org.jooq.Condition;
import org.jooq.impl.DSL;

/** The events that subscriptions route to the notifications of one consumer. */
public final class Routed {
  private Routed() {}

  /** As a condition on the columns of {@code events}. */
  public static Condition condition(Tx tx, String consumer) {
    Condition any = DSL.falseCondition();
    for (Consumer subscription : all(tx, consumer)) {
      any = any.or(condition(subscription));
    }
    return any;
  }

  /** The same for events that come. */
  public static Predicate<Event> predicate(Tx tx, String consumer) {
    List<Consumer> all = all(tx, consumer);
    return event -> all.stream().anyMatch(subscription -> subscription.wants(event));
  }

  private static List<Consumer> all(Tx tx, String consumer) {
    return ConsumerTable.list(tx, Consumer.NOTIFICATION, consumer, 100, 0).stream()
        .filter(Consumer::active)
        .toList();
  }

  private static Condition condition(Consumer c) {
    String type = c.eventType();
    Condition all =
        type.endsWith("*")
            ? DSL.condition("starts_with(type, ?)", type.substring(0, type.length() - 1))
            : DSL.condition("type = ?", type);
    if (c.workspaceId() != null) {
      all = all.and(DSL.condition("workspace_id = ?", c.workspaceId()));
    }
    if (c.projectId() != null) {
      all = all.and(DSL.condition("project_id = ?", c.projectId()));
    }
    for (var field : c.filter().entrySet()) {
      all = all.and(same(field.getKey(), String.valueOf(field.getValue())));
    }
    return all;
  }

  private static Condition same(String name, String value) {
    return switch (name) {
      case "id", "resource_id" -> DSL.condition("resource_id = ?", value);
      case "resource_type",
          "workspace_id",
          "project_id",
          "external_workspace_id",
          "external_user_id",
          "external_project_id" ->
          DSL.field(DSL.name(name), String.class).eq(value);
      default -> DSL.condition("data ->> cast(? as text) = ?", name, value);
    };
  }
}
