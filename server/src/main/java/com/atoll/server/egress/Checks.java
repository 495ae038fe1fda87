package com.atoll.server.egress;

import com.atoll.model.AtollException;
import com.atoll.model.RequestPath;
import com.atoll.platform.AsciiNames;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What callers may write into policies and rules. */
final class Checks {
  private static final Pattern HOST =
      Pattern.compile(
          "([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?");
  private static final Pattern METHOD = Pattern.compile("[A-Z][A-Z-]{0,31}");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,255}");
  private static final String EVERY_HOST = "*";
  private static final String BELOW = "*.";
  private static final int LONGEST_HOST = 253;
  private static final int MOST_METHODS = 20;

  /** Variables by which shells, loaders and interpreters find or choose what they run. */
  private static final Set<String> STEERING =
      Set.of(
          "BASHOPTS",
          "BASH_ENV",
          "CDPATH",
          "ENV",
          "GCONV_PATH",
          "GLIBC_TUNABLES",
          "HOME",
          "IFS",
          "JAVA_TOOL_OPTIONS",
          "JDK_JAVA_OPTIONS",
          "NODE_OPTIONS",
          "NODE_PATH",
          "PATH",
          "PERL5LIB",
          "PERL5OPT",
          "PROMPT_COMMAND",
          "PS4",
          "PYTHONHOME",
          "PYTHONPATH",
          "PYTHONSTARTUP",
          "RUBYLIB",
          "RUBYOPT",
          "SHELL",
          "SHELLOPTS",
          "TMPDIR",
          "_JAVA_OPTIONS");

  /** The loader of programs has many of its own. */
  private static final String OF_THE_LOADER = "LD_";

  private Checks() {}

  /** A host as rules keep it: lower case, in ASCII, without a final dot. */
  static String host(@Nullable String asked) {
    if (asked == null || asked.isBlank()) {
      throw AtollException.invalid("host", "is required");
    }
    String host = asked.strip();
    // Only who asks for every host gets it, not who did not finish the name behind a star.
    if (host.equals(EVERY_HOST)) {
      return host;
    }
    if (host.endsWith(".")) {
      host = host.substring(0, host.length() - 1);
    }
    String prefix = host.startsWith(BELOW) ? BELOW : "";
    String name;
    try {
      name = AsciiNames.of(host.substring(prefix.length()), 0);
    } catch (IllegalArgumentException e) {
      throw AtollException.invalid(
          "host", AsciiNames.isAmbiguous(host) ? AsciiNames.AMBIGUOUS : "is not a host name");
    }
    host = prefix + name;
    if (host.length() > LONGEST_HOST || !HOST.matcher(name).matches()) {
      throw AtollException.invalid(
          "host",
          "must be a host name like api.example.com, *.example.com or *, without scheme,"
              + " port and path");
    }
    return host;
  }

  /** A host, an address or a range of addresses, as rules keep them. */
  static String destination(@Nullable String asked) {
    String text = asked == null ? "" : asked.strip();
    return AddressRange.isMeant(text) ? AddressRange.of("host", text).text() : host(asked);
  }

  /** A variable that may hold a secret: no name by which programs are found or changed. */
  static void variable(@Nullable String asked) {
    if (asked == null) {
      return;
    }
    if (!VARIABLE.matcher(asked).matches()) {
      throw AtollException.invalid("expose_as_env", "must be the name of a variable");
    }
    if (STEERING.contains(asked) || asked.startsWith(OF_THE_LOADER)) {
      throw AtollException.invalid(
          "expose_as_env", "must not be a variable that decides what programs run");
    }
  }

  static List<String> methods(@Nullable List<String> asked) {
    if (asked == null) {
      return List.of();
    }
    List<String> methods =
        asked.stream().map(one -> one.strip().toUpperCase(Locale.ROOT)).distinct().toList();
    if (methods.contains("*")) {
      return List.of();
    }
    if (methods.size() > MOST_METHODS || !methods.stream().allMatch(METHOD.asMatchPredicate())) {
      throw AtollException.invalid("methods", "must be names of HTTP methods");
    }
    return methods;
  }

  /** A pattern of paths: one star stands for part of a segment, two for anything. */
  static @Nullable String path(@Nullable String asked) {
    if (asked == null || asked.isEmpty() || asked.equals("**") || asked.equals("/**")) {
      return null;
    }
    if (!asked.startsWith("/") || asked.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw AtollException.invalid("path_glob", "must begin with a slash and be plain ASCII");
    }
    if (asked.contains("/../") || asked.contains("/./") || asked.contains("?")) {
      throw AtollException.invalid("path_glob", "must not hold dot segments or a query");
    }
    return asked;
  }

  /** The same of a new rule, which is not older than the check whether any path fits it. */
  static @Nullable String path(@Nullable String asked, boolean allow) {
    String path = path(asked);
    if (path != null && RequestPath.hasDotSegments(path)) {
      throw AtollException.invalid("path_glob", "must not hold dot segments or a query");
    }
    if (path != null && allow && !RequestPath.isReachable(path)) {
      throw AtollException.invalid(
          "path_glob",
          "can never allow a path: of what servers read differently only %2F, %3B, ; and // may be"
              + " spelled");
    }
    return path;
  }

  static boolean effect(@Nullable String asked, String field, boolean otherwise) {
    return switch (asked) {
      case null -> otherwise;
      case "allow" -> true;
      case "deny" -> false;
      default -> throw AtollException.invalid(field, "must be allow or deny");
    };
  }

  static boolean enforce(@Nullable String mode, boolean otherwise) {
    return switch (mode) {
      case null -> otherwise;
      case "enforce" -> true;
      case "audit_only" -> false;
      default -> throw AtollException.invalid("mode", "must be enforce or audit_only");
    };
  }
}
