package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.Ids;
import com.atoll.server.http.Call;
import com.atoll.server.sandboxes.Sandboxes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** Starts what a template says and waits for it: to the SDKs it runs in every new sandbox. */
final class TemplateStart {
  private static final Logger LOG = LoggerFactory.getLogger(TemplateStart.class);
  private static final String SCOPE = "sandboxes:exec";

  private final Backend backend;
  private final Sandboxes sandboxes;

  TemplateStart(Backend backend, Sandboxes sandboxes) {
    this.backend = backend;
    this.sandboxes = sandboxes;
  }

  /** Does so for templates that organizations make; what does not start is told by its own log. */
  void start(Call call, JsonNode sandbox) {
    String id = Shown.id(sandbox);
    if (!Ids.is("tpl", sandbox.path("template_id").asString(""))
        || !call.principal().allows(SCOPE)
        || sandboxes.anybodys(id).map(one -> sandboxes.app(one).start()).isEmpty()) {
      return;
    }
    try {
      backend.post(
          call, "/sandboxes/" + id + "/template/start", Backend.object().put("install", false));
    } catch (AtollException refused) {
      LOG.info("The app of {} was not started: {}", id, refused.getMessage());
    }
  }
}
