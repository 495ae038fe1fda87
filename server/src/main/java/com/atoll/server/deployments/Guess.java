package com.atoll.server.deployments;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a project is started, read off its files or off a process that runs already.
 *
 * @param fixedPort the port that the program itself names
 */
record Guess(String command, Optional<Integer> fixedPort, int usualPort) {
  private static final Pattern FASTAPI =
      Pattern.compile("(?m)^(\\w+)\\s*(?::[^=\\n]+)?=\\s*FastAPI\\(");
  private static final Pattern FLASK =
      Pattern.compile("(?m)^(\\w+)\\s*(?::[^=\\n]+)?=\\s*Flask\\(");
  private static final Pattern WEB = Pattern.compile("(?m)^web:\\s*(.+)$");

  /** What the files of a directory say. */
  static Optional<Guess> of(Source source, String root) {
    String procfile = source.read(root + "/Procfile");
    if (procfile != null) {
      Matcher web = WEB.matcher(procfile);
      if (web.find()) {
        String command = web.group(1).strip();
        return Optional.of(new Guess(command, Ports.inCommand(command), Ports.usual(command)));
      }
    }
    if (Planner.scripts(source, root).has("start")) {
      return Optional.of(new Guess("npm start", Optional.empty(), 3000));
    }
    return python(source, root).or(() -> node(source, root));
  }

  private static Optional<Guess> python(Source source, String root) {
    for (String name : List.of("main", "app", "server", "api")) {
      String text = source.read(root + "/" + name + ".py");
      if (text == null) {
        continue;
      }
      String python = interpreter(source, root);
      boolean runsItself = text.contains("__main__");
      Matcher fast = FASTAPI.matcher(text);
      if (fast.find()) {
        return Optional.of(
            new Guess(
                "%s -m uvicorn %s:%s --host 0.0.0.0 --port $PORT"
                    .formatted(python, name, fast.group(1)),
                Optional.empty(),
                8000));
      }
      Matcher flask = FLASK.matcher(text);
      if (flask.find() && !runsItself) {
        return Optional.of(
            new Guess(
                "%s -m flask --app %s:%s run --host 0.0.0.0 --port $PORT"
                    .formatted(python, name, flask.group(1)),
                Optional.empty(),
                8000));
      }
      return Optional.of(
          new Guess("%s %s.py".formatted(python, name), Ports.inProgram(text), 8000));
    }
    return Optional.empty();
  }

  private static Optional<Guess> node(Source source, String root) {
    for (String name : List.of("server.js", "index.js", "app.js", "server.mjs", "index.mjs")) {
      String text = source.read(root + "/" + name);
      if (text != null) {
        return Optional.of(new Guess("node " + name, Ports.inProgram(text), 3000));
      }
    }
    return Optional.empty();
  }

  /** A program that was named, or a command as it stands. */
  static String entry(Source source, String root, String entry) {
    if (isPython(entry)) {
      return interpreter(source, root) + " " + quote(entry);
    }
    return isScript(entry) ? "node " + quote(entry) : entry;
  }

  /** Whether it names a file that an interpreter starts, and is no command. */
  static boolean isProgram(String entry) {
    return isPython(entry) || isScript(entry);
  }

  private static boolean isPython(String entry) {
    return entry.endsWith(".py") && !entry.contains(" ");
  }

  private static boolean isScript(String entry) {
    return entry.matches("\\S+\\.[cm]?js");
  }

  /** The command line of a process; nothing when it has changed its title. */
  static Optional<String> again(Source.Listener listener) {
    List<String> words = new ArrayList<>(listener.words());
    words.removeIf(word -> word.equals("--reload"));
    if (words.isEmpty() || words.getFirst().isBlank() || words.getFirst().contains(" ")) {
      return Optional.empty();
    }
    return Optional.of(String.join(" ", words.stream().map(Guess::quote).toList()));
  }

  private static String interpreter(Source source, String root) {
    for (String place : List.of(".venv/bin/python", "venv/bin/python")) {
      // A virtual environment's python is a link, which is no regular file.
      if (source.isFile(root + "/" + place.replace("bin/python", "pyvenv.cfg"))) {
        return place;
      }
    }
    return "python3";
  }

  static String quote(String word) {
    return word.matches("[A-Za-z0-9_@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
