package com.atoll.server.files;

import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import java.util.function.Function;

/** A sandbox, and on whose behalf it is reached. */
record Reach(Sandboxes sandboxes, Principal principal, String sandbox) {
  /** The sandbox in the path of a call, for whoever asks. */
  static Reach of(Sandboxes sandboxes, Call call) {
    return new Reach(sandboxes, call.principal(), call.path("id"));
  }

  /** Does something with the sandbox while it runs. */
  <T> T awake(Function<Sandbox, T> work) {
    return sandboxes.awake(principal, sandbox, work);
  }
}
