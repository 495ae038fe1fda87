package com.atoll.node.faults;

import com.atoll.model.EnvName;
import java.util.Map;
import java.util.regex.Pattern;

/** Bounds on everything that arrives; a breach names its field. */
public final class Check {
  private static final Pattern ID = Pattern.compile("[a-z0-9_-]{1,64}");
  private static final Pattern HOSTNAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final int ENV_TOTAL = 256 * 1024;

  private Check() {}

  /** An id of ours: lowercase letters, digits, {@code _} and {@code -}. */
  public static String id(String field, String value) {
    if (!ID.matcher(value).matches()) {
      throw NodeFault.invalid(field + ": 1 to 64 characters of a-z, 0-9, _ and -");
    }
    return value;
  }

  /** A host name; empty means that the caller has no wish. */
  public static String hostname(String field, String value, String otherwise) {
    if (value.isEmpty()) {
      return otherwise;
    }
    if (!HOSTNAME.matcher(value).matches()) {
      throw NodeFault.invalid(field + ": 1 to 63 characters of a-z, 0-9 and inner -");
    }
    return value;
  }

  /** Environment variables: names as the kernel takes them, 256 KiB in all. */
  public static Map<String, String> env(String field, Map<String, String> env) {
    long total = 0;
    for (Map.Entry<String, String> entry : env.entrySet()) {
      if (!EnvName.isName(entry.getKey())) {
        throw NodeFault.invalid(field + ": " + EnvName.RULE);
      }
      if (entry.getValue().indexOf('\0') >= 0) {
        throw NodeFault.invalid(
            field + "." + entry.getKey() + ": must not contain a NUL character");
      }
      total += entry.getKey().length() + (long) entry.getValue().length();
    }
    if (total > ENV_TOTAL) {
      throw NodeFault.invalid(field + ": longer than 256 KiB in all");
    }
    return Map.copyOf(env);
  }

  /** A number within bounds. */
  public static long within(String field, long value, long least, long most) {
    if (value < least || value > most) {
      throw NodeFault.invalid(field + ": must lie between " + least + " and " + most);
    }
    return value;
  }

  /** A number within bounds. */
  public static int within(String field, int value, int least, int most) {
    return (int) within(field, (long) value, least, most);
  }

  /** A TCP port. */
  public static int port(String field, int value) {
    return within(field, value, 1, 65_535);
  }

  /** An absolute path inside a workload; what it names is checked where it is opened. */
  public static String path(String field, String value) {
    if (value.isEmpty() || value.charAt(0) != '/') {
      throw invalidPath(field + ": must be an absolute path");
    }
    if (value.length() > 4095 || value.indexOf('\0') >= 0) {
      throw invalidPath(field + ": at most 4,095 characters and no NUL");
    }
    return value;
  }

  /** Text of bounded length without NUL. */
  public static String text(String field, String value, int most) {
    if (value.length() > most || value.indexOf('\0') >= 0) {
      throw NodeFault.invalid(field + ": at most " + most + " characters and no NUL");
    }
    return value;
  }

  private static NodeFault invalidPath(String message) {
    return NodeFault.of(NodeFault.Kind.INVALID, "INVALID_PATH", message);
  }
}
