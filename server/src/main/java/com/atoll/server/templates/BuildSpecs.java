package com.atoll.server.templates;

import com.atoll.model.AtollException;
import com.atoll.model.AtollException.Problem;
import com.atoll.model.EnvName;
import com.atoll.model.ErrorCode;
import com.atoll.model.SandboxSize;
import com.atoll.model.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads a build specification and names everything that is wrong with it. */
final class BuildSpecs {
  private static final int MOST_STEPS = 100;
  private static final int MOST_PACKAGES = 200;
  private static final int MOST_PATHS = 100;
  private static final int MOST_ENV = 200;
  static final int LONGEST_LINE = 64 << 10;
  private static final int LONGEST_ENV = 256 << 10;
  static final Pattern USER = Pattern.compile("[a-z_][a-z0-9_-]{0,31}|[0-9]{1,5}");
  private static final Set<String> KERNEL = Set.of("proc", "sys", "dev");
  private static final Pattern PACKAGE = Pattern.compile("[a-z0-9][a-z0-9+.:-]{1,100}");

  private final JsonNode json;
  private final List<Problem> problems = new ArrayList<>();

  private BuildSpecs(JsonNode json) {
    this.json = json;
  }

  /** The specification; an INVALID_BUILDSPEC that names every wrong field otherwise. */
  static BuildSpec read(JsonNode json) {
    BuildSpecs reader = new BuildSpecs(json);
    BuildSpec spec = reader.spec();
    throwIf(reader.problems);
    return spec;
  }

  /** Refuses when there are problems. */
  static void throwIf(List<Problem> problems) {
    if (!problems.isEmpty()) {
      throw AtollException.of(ErrorCode.INVALID_BUILDSPEC).problems(problems);
    }
  }

  private BuildSpec spec() {
    String from = text("from", "", 512);
    if (from.isBlank() && problems.isEmpty()) {
      problem("REQUIRED", "from", "is required");
    } else if (!From.isForm(from) && problems.isEmpty()) {
      problem("INVALID_FROM", "from", "is neither a template nor a reference of a registry");
    }
    String size = optional("size", 20);
    Shape shape = shape(size);
    return new BuildSpec(
        from,
        named(size, shape),
        shape,
        words("packages", MOST_PACKAGES, PACKAGE),
        steps(),
        env(),
        path("workdir", "/workspace"),
        user(),
        optional("startCmd", LONGEST_LINE),
        optional("readyCmd", LONGEST_LINE),
        port(),
        artifactPaths());
  }

  /** The name of the size, unless the shape is another one. */
  private static @Nullable String named(@Nullable String size, Shape shape) {
    try {
      String name = size == null ? SandboxSize.SMALL.wire() : SandboxSize.of(size).wire();
      return Shape.resolve(name, null, null, null).equals(shape) ? name : null;
    } catch (AtollException unknown) {
      return null;
    }
  }

  private Shape shape(@Nullable String size) {
    try {
      Shape tier = Shape.resolve(size, null, null, null);
      return Shape.resolve(
          null,
          number("vcpu", tier.cpus(), 1, 64),
          number("memoryMib", tier.memoryMb(), 128, 1 << 20),
          number("diskMib", tier.diskMb(), 512, 1 << 22));
    } catch (AtollException refused) {
      problem("INVALID_SIZE", "size", "is not a size: xs, small, medium, large or xl");
      return SandboxSize.SMALL.shape();
    }
  }

  private int number(String field, int otherwise, int least, int most) {
    JsonNode node = json.path(field);
    if (node.isMissingNode() || node.isNull()) {
      return otherwise;
    }
    if (!node.isInt() || node.asInt() < least || node.asInt() > most) {
      problem("INVALID_NUMBER", field, "must be a number from " + least + " to " + most);
      return otherwise;
    }
    return node.asInt();
  }

  private @Nullable Integer port() {
    JsonNode node = json.path("previewPort");
    if (node.isMissingNode() || node.isNull()) {
      return null;
    }
    if (!node.isInt() || node.asInt() < 1 || node.asInt() > 65_535) {
      problem("INVALID_PORT", "previewPort", "must be a number from 1 to 65535");
      return null;
    }
    return node.asInt();
  }

  private List<BuildStep> steps() {
    List<BuildStep> steps = new ArrayList<>();
    int at = 0;
    for (JsonNode step : list("steps", MOST_STEPS)) {
      BuildStep read = new StepReader(step, "steps[" + at++ + "]", problems).read();
      if (read != null) {
        steps.add(read);
      }
    }
    return steps;
  }

  private Map<String, String> env() {
    return env(json.path("env"), "env", problems);
  }

  /** Variables; what is wrong with them is added to the problems. */
  static Map<String, String> env(JsonNode node, String field, List<Problem> problems) {
    Map<String, String> env = new LinkedHashMap<>();
    if (node.isMissingNode() || node.isNull()) {
      return env;
    }
    if (!node.isObject() || node.size() > MOST_ENV) {
      String most = "must be an object of at most " + MOST_ENV + " texts";
      problems.add(new Problem("INVALID_ENV", field, most));
      return env;
    }
    int total = 0;
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String value = entry.getValue().isString() ? entry.getValue().asString() : "\0";
      total += entry.getKey().length() + value.length();
      if (!EnvName.isName(entry.getKey()) || value.indexOf('\0') >= 0) {
        String name = field + "." + entry.getKey();
        problems.add(new Problem("INVALID_ENV", name, "is no variable with a text"));
      }
      env.put(entry.getKey(), value);
    }
    if (total > LONGEST_ENV) {
      String most = "is longer than " + LONGEST_ENV + " characters in all";
      problems.add(new Problem("INVALID_ENV", field, most));
    }
    return env;
  }

  private String user() {
    String user = text("user", "root", 32);
    if (!USER.matcher(user).matches()) {
      problem("INVALID_USER", "user", "must be the name or number of a user");
    }
    return user;
  }

  private String path(String field, String otherwise) {
    String path = text(field, otherwise, 4_000);
    if (!isFolder(path)) {
      problem(
          "INVALID_PATH",
          field,
          "must be an absolute path without .. and control characters, and not of /proc, /sys or"
              + " /dev");
    }
    return path;
  }

  /** Whether a step may run there. What the kernel shows as files is no place for any. */
  static boolean isFolder(String path) {
    return path.startsWith("/")
        && isBelow(path)
        && List.of(path.split("/", -1)).stream()
            .filter(part -> !part.isEmpty() && !part.equals("."))
            .findFirst()
            .map(part -> !KERNEL.contains(part))
            .orElse(true);
  }

  /** Whether a path leads nowhere above where it begins, and can be printed. */
  private static boolean isBelow(String path) {
    return !List.of(path.split("/", -1)).contains("..")
        && path.chars().noneMatch(Character::isISOControl);
  }

  private List<String> artifactPaths() {
    List<String> paths = words("artifactPaths", MOST_PATHS, null);
    for (int i = 0; i < paths.size(); i++) {
      if (!isBelow(paths.get(i))) {
        String field = "artifactPaths[" + i + "]";
        problem("INVALID_PATH", field, "must be a path without .. and control characters");
      }
    }
    return paths;
  }

  private List<String> words(String field, int most, @Nullable Pattern form) {
    List<String> words = new ArrayList<>();
    for (JsonNode node : list(field, most)) {
      String word = node.isString() ? node.asString() : "";
      boolean fine = !word.isBlank() && isText(word, 4_000);
      if (!fine || (form != null && !form.matcher(word).matches())) {
        problem("INVALID_ITEM", field, "holds what is not valid there");
        return List.of();
      }
      words.add(word);
    }
    return words;
  }

  private Iterable<JsonNode> list(String field, int most) {
    JsonNode node = json.path(field);
    if (node.isMissingNode() || node.isNull()) {
      return List.of();
    }
    if (!node.isArray() || node.size() > most) {
      problem("INVALID_LIST", field, "must be a list of at most " + most);
      return List.of();
    }
    return node;
  }

  private @Nullable String optional(String field, int most) {
    String text = text(field, "", most);
    return text.isBlank() ? null : text;
  }

  private String text(String field, String otherwise, int most) {
    JsonNode node = json.path(field);
    if (node.isMissingNode() || node.isNull()) {
      return otherwise;
    }
    if (!node.isString() || !isText(node.asString(), most)) {
      problem("INVALID_TEXT", field, "must be a text of at most " + most + " characters");
      return otherwise.isEmpty() ? "-" : otherwise;
    }
    return node.asString();
  }

  static boolean isText(String text, int most) {
    return text.length() <= most && text.indexOf('\0') < 0;
  }

  private void problem(String code, String field, String message) {
    problems.add(new Problem(code, field, message));
  }
}
