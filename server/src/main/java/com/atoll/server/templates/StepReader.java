package com.atoll.server.templates;

import com.atoll.model.AtollException.Problem;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads one step of a build specification.
 *
 * @param field what it is called in problems
 * @param problems what is wrong is added here
 */
record StepReader(JsonNode step, String field, List<Problem> problems) {
  private static final int LONGEST_NAME = 64;
  private static final int LONGEST_PATH = 4_000;
  private static final Pattern MODE = Pattern.compile("[0-7]{3,5}");
  private static final Pattern OWNER =
      Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,63})?");

  /** The step; null when it is none, which is a problem then. */
  @Nullable BuildStep read() {
    JsonNode run = step.isString() ? step : step.path("run");
    JsonNode copy = step.path("copy");
    boolean copies = copy.isObject();
    if (copies == (run.isString() && !run.asString().isBlank())) {
      return wrong("must have a run with a shell line, or a copy");
    }
    String line = copies ? "" : run.asString();
    if (!BuildSpecs.isText(line, BuildSpecs.LONGEST_LINE)) {
      return wrong("holds NUL or is longer than " + BuildSpecs.LONGEST_LINE);
    }
    int before = problems.size();
    Predicate<String> user = text -> BuildSpecs.USER.matcher(text).matches();
    Map<String, String> env = BuildSpecs.env(step.path("env"), field + ".env", problems);
    BuildStep read =
        new BuildStep(
            line,
            optional(step, "name", text -> BuildSpecs.isText(text, LONGEST_NAME)),
            optional(step, "user", user),
            optional(step, "workdir", text -> isPath(text) && BuildSpecs.isFolder(text)),
            env,
            step.path("fresh").asBoolean(false),
            copies ? copy(copy) : null);
    return problems.size() == before ? read : null;
  }

  private BuildStep.Copy copy(JsonNode copy) {
    Predicate<String> owner = text -> OWNER.matcher(text).matches();
    Predicate<String> mode = text -> MODE.matcher(text).matches();
    return new BuildStep.Copy(
        required(copy, "files", text -> BuildFilesApi.NAME.matcher(text).matches()),
        required(copy, "from", text -> isPath(text) && !text.startsWith("/")),
        required(copy, "to", StepReader::isPath),
        optional(copy, "owner", owner),
        optional(copy, "mode", mode));
  }

  private static boolean isPath(String text) {
    return !text.isBlank()
        && BuildSpecs.isText(text, LONGEST_PATH)
        && !List.of(text.split("/", -1)).contains("..");
  }

  private String required(JsonNode in, String name, Predicate<String> good) {
    String value = optional(in, name, good);
    if (value == null && !in.hasNonNull(name)) {
      var _ = wrong("must have a copy." + name);
    }
    return value == null ? "" : value;
  }

  private @Nullable String optional(JsonNode in, String name, Predicate<String> good) {
    if (!in.hasNonNull(name)) {
      return null;
    }
    JsonNode value = in.path(name);
    if (!value.isString() || !good.test(value.asString())) {
      var _ = wrong("has a " + name + " that is not valid");
      return null;
    }
    return value.asString();
  }

  private @Nullable BuildStep wrong(String message) {
    problems.add(new Problem("INVALID_STEP", field, message));
    return null;
  }
}
