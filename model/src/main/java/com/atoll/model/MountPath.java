package com.atoll.model;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where a volume may lie inside a sandbox: a plain absolute path, and none that the system needs.
 */
public final class MountPath {
  private static final int LONGEST = 512;
  private static final Pattern PART = Pattern.compile("[^\\p{Cntrl}/]{1,255}");
  private static final Set<String> SYSTEM =
      Set.of("bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "proc", "run", "sbin", "sys");
  private static final Set<String> ONLY_BELOW =
      Set.of("home", "opt", "root", "tmp", "usr", "var", "usr/bin", "usr/lib", "usr/sbin");

  private MountPath() {}

  /** Without a slash at its end. */
  public static String normal(String path) {
    return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  /** What is wrong with a normal path; nothing when it may be used. */
  public static Optional<String> problem(String path) {
    if (path.length() > LONGEST || !path.startsWith("/") || path.length() == 1) {
      return Optional.of(
          "must be an absolute path of at most " + LONGEST + " characters and not /");
    }
    List<String> parts = List.of(path.substring(1).split("/", -1));
    for (String part : parts) {
      if (!PART.matcher(part).matches() || part.equals(".") || part.equals("..")) {
        return Optional.of("must not have empty parts, . or .., or control characters");
      }
    }
    if (SYSTEM.contains(parts.getFirst()) || ONLY_BELOW.contains(path.substring(1))) {
      return Optional.of("is a directory that the system needs");
    }
    return Optional.empty();
  }
}
