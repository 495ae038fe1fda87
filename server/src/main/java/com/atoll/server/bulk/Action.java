package com.atoll.server.bulk;

import com.atoll.server.sandboxes.SandboxCrowd.Act;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a job does to each of its items. */
enum Action {
  PAUSE(Act.PAUSE),
  RESUME(Act.RESUME),
  DESTROY(Act.DESTROY),
  APPLY_POLICY(null);

  private final @Nullable Act act;

  Action(@Nullable Act act) {
    this.act = act;
  }

  /** What is done to a sandbox; null when a policy is set. */
  @Nullable Act act() {
    return act;
  }

  /** The scope that whoever looks at such a job needs. */
  String readScope() {
    return act == null ? "organization:read" : "sandboxes:read";
  }

  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Action of(String wire) {
    return valueOf(wire.toUpperCase(Locale.ROOT));
  }
}
