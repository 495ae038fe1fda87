package com.atoll.server.authority;

import com.atoll.server.http.Doc;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A question whether an action may be done. */
record AskAction(
    @Doc("The action.") Capability capability,
    @Doc(value = "Hash over the whole request, sha256: and 64 hex digits.", pattern = FINGERPRINT)
        @Nullable String requestFingerprint,
    @Doc(value = "Hash over its parameters, in the same form.", pattern = FINGERPRINT)
        @Nullable String paramsFingerprint,
    @Doc(
            value = "Where it comes from, for example mcp; sdk when left out.",
            pattern = "[a-z][a-z0-9_-]{0,31}")
        @Nullable String surface,
    @Doc(value = "Workspace that it is about.", max = 128) @Nullable String workspaceId,
    @Doc(value = "Release of the app that asks.", max = 128) @Nullable String releaseId,
    @Doc(value = "Connector that it goes through.", max = 128) @Nullable String connectorId,
    @Doc(value = "Agent run that asks.", max = 128) @Nullable String runId,
    @Doc(value = "Definition of the agent that asks.", max = 128)
        @Nullable String agentDefinitionId) {
  static final String FINGERPRINT = "sha256:[0-9a-f]{64}";

  /** An action as the catalogue named it. */
  record Capability(
      @Doc(value = "Name of the action.", max = 128) String name,
      @Doc(
              value = "Its fingerprint, from the catalogue; without it any version will do.",
              pattern = FINGERPRINT)
          @Nullable String fingerprint) {}

  Question question() {
    String from = surface == null ? "sdk" : surface;
    Map<String, String> words = new LinkedHashMap<>();
    words.put("surface", from);
    put(words, "run_id", runId);
    put(words, "agent_definition_id", agentDefinitionId);
    put(words, "release_id", releaseId);
    put(words, "connector_id", connectorId);
    return new Question(
        requestFingerprint == null ? "" : requestFingerprint,
        paramsFingerprint == null ? "" : paramsFingerprint,
        from,
        workspaceId,
        words);
  }

  private static void put(Map<String, String> words, String name, @Nullable String value) {
    if (value != null) {
      words.put(name, value);
    }
  }
}
