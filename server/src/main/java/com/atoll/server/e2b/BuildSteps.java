package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.EnvName;
import com.atoll.model.ErrorCode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a template is made, from the instructions of the SDKs: each step gets the user, the folder
 * and the variables that the instructions before it have set.
 */
final class BuildSteps {
  private static final int MOST = 1_000;
  private static final Pattern VARIABLE =
      Pattern.compile("\\$(?:([A-Za-z_][A-Za-z0-9_]*)|\\{([A-Za-z_][A-Za-z0-9_]*)\\})");

  private static final Pattern LISTENS = Pattern.compile("ss -Htuln sport = :([0-9]{1,5})");
  private static final String SOCKETS = "/proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6";

  private final ArrayNode steps;
  private final Map<String, String> env = new LinkedHashMap<>();

  /** Variables whose values need the shell of the image, as {@code $PATH:/opt/bin} does. */
  private final Map<String, String> late = new LinkedHashMap<>();

  private String user = "root";
  private String workdir = "/home/user";
  private boolean fresh;

  private BuildSteps(ArrayNode steps) {
    this.steps = steps;
  }

  /**
   * Adds to the specification what the request of an SDK says.
   *
   * @param parent the specification of the template that it stands on, where that has one
   */
  static void translate(JsonNode asked, JsonNode parent, ObjectNode spec) {
    BuildSteps reader = new BuildSteps(spec.putArray("steps"));
    reader.follow(parent);
    reader.fresh = asked.path("force").asBoolean(false);
    JsonNode instructions = asked.path("steps");
    if (instructions.size() > MOST) {
      throw invalid("steps", "must be at most " + MOST);
    }
    int number = 0;
    for (JsonNode instruction : instructions) {
      reader.read(instruction, ++number);
    }
    boolean own = hasText(asked, "startCmd") || hasText(asked, "readyCmd");
    JsonNode app = own ? asked : parent;
    boolean starts = hasText(app, "startCmd") || hasText(app, "readyCmd");
    if (reader.steps.isEmpty() && starts) {
      // A step makes the folder that the app begins in.
      reader.step(1, "root").put("run", "true");
    }
    spec.put("user", reader.user).put("workdir", reader.workdir);
    for (String command : List.of("startCmd", "readyCmd")) {
      if (own) {
        reader.app(asked, spec, command);
      } else if (hasText(parent, command)) {
        // It has its variables already, those that were set before it.
        spec.put(command, parent.path(command).asString(""));
      }
    }
  }

  /** Goes on where the last instruction of that one has left off. */
  private void follow(JsonNode parent) {
    user = parent.path("user").asString(user);
    workdir = parent.path("workdir").asString(workdir);
    JsonNode last = parent.path("steps").path(parent.path("steps").size() - 1);
    for (JsonNode variables : List.of(parent.path("env"), last.path("env"))) {
      variables.properties().forEach(one -> env.put(one.getKey(), one.getValue().asString("")));
    }
  }

  private static boolean hasText(JsonNode asked, String field) {
    return !asked.path(field).asString("").isBlank();
  }

  private void app(JsonNode asked, ObjectNode spec, String field) {
    if (hasText(asked, field)) {
      String line = withoutSs(asked.path(field).asString(""));
      spec.put(field, line.equals(TemplateStart.OF_DOCKERFILE) ? line : with(env, line));
    }
  }

  /** The question of the SDKs whether somebody listens, for images that have no {@code ss}. */
  private static String withoutSs(String line) {
    return LISTENS
        .matcher(line)
        .replaceAll(found -> {
          int port = Integer.parseInt(found.group(1));
          return "grep -hsE ': [0-9A-F]+:%04X [0-9A-F]+:0000 0[A7] ' %s".formatted(port, SOCKETS);
        });
  }

  private void read(JsonNode instruction, int number) {
    JsonNode args = instruction.path("args");
    fresh |= instruction.path("force").asBoolean(false);
    switch (instruction.path("type").asString("")) {
      case "RUN" -> run(args, number);
      case "COPY" -> copy(instruction, args, number);
      case "ENV" -> env(args);
      case "WORKDIR" -> workdir = below(workdir, expanded(text(args, 0, "WORKDIR")));
      case "USER" -> user = user(expanded(text(args, 0, "USER")));
      default ->
          throw AtollException.of(
              ErrorCode.NOT_IMPLEMENTED,
              "the instruction " + bounded(instruction.path("type").asString("(none)")));
    }
  }

  private void run(JsonNode args, int number) {
    String whose = args.path(1).asString("");
    ObjectNode step = step(number, whose.isEmpty() ? user : user(whose));
    step.put("run", with(Map.of(), text(args, 0, "RUN")));
  }

  private void copy(JsonNode instruction, JsonNode args, int number) {
    ObjectNode copy = step(number, user).putObject("copy");
    copy.put("files", instruction.path("filesHash").asString(""));
    copy.put("from", source(text(args, 0, "COPY")));
    copy.put("to", expanded(text(args, 1, "COPY")));
    String owner = args.path(2).asString("");
    if (!owner.isEmpty()) {
      copy.put("owner", owner(expanded(owner)));
    }
    String mode = args.path(3).asString("");
    if (!mode.isEmpty()) {
      copy.put("mode", mode);
    }
  }

  private ObjectNode step(int number, String whose) {
    ObjectNode step = steps.addObject();
    step.put("name", Integer.toString(number)).put("user", whose).put("workdir", workdir);
    if (!env.isEmpty()) {
      ObjectNode variables = step.putObject("env");
      env.forEach(variables::put);
    }
    if (fresh) {
      step.put("fresh", true);
      fresh = false; // What follows it is fresh too.
    }
    return step;
  }

  private void env(JsonNode args) {
    for (int i = 0; i < args.size(); i += 2) {
      String name = text(args, i, "ENV");
      if (!EnvName.isName(name)) {
        throw invalid("ENV", "is not a variable: " + bounded(name));
      }
      String value = expanded(args.path(i + 1).asString(""));
      env.remove(name);
      late.remove(name);
      (value.indexOf('$') < 0 ? env : late).put(name, value);
    }
  }

  /** A text in which the variables that are known stand for their values. */
  private String expanded(String text) {
    return VARIABLE
        .matcher(text)
        .replaceAll(found -> {
          String name = found.group(1) == null ? found.group(2) : found.group(1);
          String value = env.getOrDefault(name, late.getOrDefault(name, found.group()));
          return Matcher.quoteReplacement(value);
        });
  }

  /** A line that has these variables, and those that only the shell of the image knows. */
  private String with(Map<String, String> plain, String line) {
    StringBuilder exports = new StringBuilder();
    StringBuilder others = new StringBuilder();
    plain.forEach((name, value) -> add(name, quoted(value), exports, others));
    late.forEach((name, value) -> {
      String open =
          value
              .replace("\\", "\\\\")
              .replace("\"", "\\\"")
              .replace("`", "\\`")
              .replace("$(", "\\$(");
      add(name, '"' + open + '"', exports, others);
    });
    return others.isEmpty()
        ? exports + line
        : exports + "exec env --" + others + " \"${BASH:-/bin/sh}\" -c " + quoted(line);
  }

  /** A name that no shell can assign to is set by {@code env}, for a shell of its own. */
  private static void add(String name, String value, StringBuilder exports, StringBuilder others) {
    if (EnvName.isShellName(name)) {
      exports.append("export ").append(name).append('=').append(value).append('\n');
    } else {
      others.append(' ').append(quoted(name)).append('=').append(value);
    }
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  /** The usual user of the SDKs is root here. */
  private static String user(String theirs) {
    int colon = theirs.indexOf(':');
    String name = colon < 0 ? theirs : theirs.substring(0, colon);
    if (colon >= 0 && !theirs.substring(colon + 1).equals(name)) {
      throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, "another group than that of a user");
    }
    return name.equals("user") ? "root" : name;
  }

  private static String owner(String theirs) {
    String[] parts = theirs.split(":", 2);
    for (int i = 0; i < parts.length; i++) {
      parts[i] = parts[i].equals("user") ? "root" : parts[i];
    }
    return String.join(":", parts);
  }

  private static String below(String folder, String path) {
    String whole = path.startsWith("/") ? path : folder + "/" + path;
    return "/" + normal(whole, "WORKDIR");
  }

  /** What of the archive is meant: a path that does not leave it. */
  private static String source(String path) {
    if (path.startsWith("/")) {
      throw invalid("COPY", "copies from below the context: " + bounded(path));
    }
    String normal = normal(path, "COPY");
    return normal.isEmpty() ? "." : normal;
  }

  private static String normal(String path, String what) {
    Deque<String> names = new ArrayDeque<>();
    for (String name : List.of(path.split("/", -1))) {
      if (name.equals("..")) {
        if (names.pollLast() == null) {
          throw invalid(what, "leads out of where it begins: " + bounded(path));
        }
      } else if (!name.isEmpty() && !name.equals(".")) {
        names.addLast(name);
      }
    }
    return String.join("/", names);
  }

  private static String text(JsonNode args, int at, String what) {
    JsonNode value = args.path(at);
    if (!value.isString() || value.asString().isBlank()) {
      throw invalid(what, "lacks an argument");
    }
    return value.asString();
  }

  private static String bounded(String text) {
    return text.length() > 100 ? text.substring(0, 100) + "…" : text;
  }

  private static AtollException invalid(String what, String why) {
    return AtollException.withMessage(ErrorCode.INVALID_REQUEST, what + " " + why + ".");
  }
}
