package com.atoll.server.templates;

import com.atoll.model.AtollException.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Names the fields of a specification that nothing reads. They are no errors, for clients may be
 * newer than this server; but a field that is misspelt would be missed in silence.
 */
final class UnknownFields {
  private static final int MOST = 100;
  private static final int LONGEST_NAME = 100;
  private static final Set<String> TOP =
      Set.of(
          "from",
          "size",
          "vcpu",
          "memoryMib",
          "diskMib",
          "packages",
          "steps",
          "env",
          "workdir",
          "user",
          "startCmd",
          "readyCmd",
          "previewPort",
          "artifactPaths");
  private static final Set<String> STEP =
      Set.of("run", "copy", "name", "user", "workdir", "env", "fresh");
  private static final Set<String> COPY = Set.of("files", "from", "to", "owner", "mode");

  private final List<Problem> found = new ArrayList<>();

  private UnknownFields() {}

  /** Those of a specification, at most 100. */
  static List<Problem> of(JsonNode spec) {
    UnknownFields fields = new UnknownFields();
    fields.look(spec, "", TOP);
    int at = 0;
    for (JsonNode step : spec.path("steps")) {
      String place = "steps[" + at++ + "].";
      fields.look(step, place, STEP);
      fields.look(step.path("copy"), place + "copy.", COPY);
    }
    return List.copyOf(fields.found);
  }

  private void look(JsonNode in, String place, Set<String> known) {
    for (String name : in.propertyNames()) {
      if (!known.contains(name) && found.size() < MOST) {
        String shown = name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) : name;
        String meant =
            known.stream()
                .filter(one -> plain(one).equals(plain(shown)))
                .findFirst()
                .map(one -> "is not known and is left out; " + one + " may be meant")
                .orElse("is not known and is left out");
        found.add(new Problem("UNKNOWN_FIELD", place + shown, meant));
      }
    }
  }

  private static String plain(String name) {
    return name.replaceAll("[_-]", "").toLowerCase(Locale.ROOT);
  }
}
