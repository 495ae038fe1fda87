package com.atoll.model;

import java.util.regex.Pattern;

/**
 * Names of variables in the environment of commands. The kernel takes more than a shell can assign
 * to, such as {@code my-var} and {@code a.b}, and programs read them.
 */
public final class EnvName {
  /** What a name must be, to follow a field's name. */
  public static final String RULE =
      "must have names of 1 to 256 characters without =, spaces and control characters";

  /** Half a character has no bytes; a space is a slip. */
  private static final Pattern NAME = Pattern.compile("[^=\\s\\p{Cc}\\p{Cs}]{1,256}");

  private static final Pattern IN_SHELL = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private EnvName() {}

  /** Whether a command can be given a variable of this name. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /** Whether a shell can assign to a variable of this name. */
  public static boolean isShellName(String text) {
    return IN_SHELL.matcher(text).matches();
  }
}
