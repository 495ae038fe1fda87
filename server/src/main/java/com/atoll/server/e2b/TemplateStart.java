package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.Ids;
import com.atoll.server.http.Call;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.sandboxes.TemplateApp;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Starts what a template says and waits for it: to the SDKs it runs in every new sandbox. */
final class TemplateStart {
  private static final Logger LOG = LoggerFactory.getLogger(TemplateStart.class);
  private static final String SCOPE = "sandboxes:exec";

  /**
   * The ready command that the SDKs give to what a Dockerfile starts, which has none. Nobody asked
   * for this time, and there it is spent by the build: no sandbox waits for it.
   */
  static final String OF_DOCKERFILE = "sleep 20";

  private final Backend backend;
  private final Sandboxes sandboxes;

  TemplateStart(Backend backend, Sandboxes sandboxes) {
    this.backend = backend;
    this.sandboxes = sandboxes;
  }

  /** Theirs goes on after a pause: one of files alone has ended it here. */
  private void startFromNow(Sandbox sandbox) {
    try {
      sandboxes.startAppFromNow(sandbox);
    } catch (AtollException gone) {
      LOG.debug("{} has no other machine: {}", sandbox.id(), gone.getMessage());
    }
  }

  /** Does so for templates that organizations make; what does not start is told by its own log. */
  void start(Call call, JsonNode sandbox) {
    String id = Shown.id(sandbox);
    if (!Ids.is("tpl", sandbox.path("template_id").asString(""))
        || !call.principal().allows(SCOPE)) {
      return;
    }
    Optional<Sandbox> made = sandboxes.anybodys(id);
    TemplateApp app = made.map(sandboxes::app).orElseGet(TemplateApp::usual);
    if (app.start() == null) {
      return;
    }
    boolean byItself = made.filter(sandboxes::startsApp).isPresent();
    if (byItself && OF_DOCKERFILE.equals(app.ready())) {
      return;
    }
    ObjectNode asked = Backend.object().put("install", false);
    if (OF_DOCKERFILE.equals(app.ready())) {
      asked.putObject("readiness_probe").put("command", "true");
    }
    try {
      backend.post(call, "/sandboxes/" + id + "/template/start", asked);
    } catch (AtollException refused) {
      LOG.info("The app of {} was not started: {}", id, refused.getMessage());
    }
    if (!byItself) {
      startFromNow(made.orElseThrow());
    }
  }
}
