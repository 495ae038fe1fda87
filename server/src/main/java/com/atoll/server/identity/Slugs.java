package com.atoll.server.identity;

import com.atoll.model.AtollException;
import java.util.Locale;
import java.util.regex.Pattern;

/** Names in the form that hosts and paths allow. */
public final class Slugs {
  private static final int LONGEST = 40;
  private static final Pattern FORM = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

  private Slugs() {}

  /** The slug that a name suggests. */
  public static String of(String name) {
    String slug =
        name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
    String bounded = slug.length() > LONGEST ? slug.substring(0, LONGEST) : slug;
    String trimmed = bounded.replaceAll("-+$", "");
    return trimmed.isEmpty() ? "default" : trimmed;
  }

  /** The slug as sent, when it is one. */
  public static String checked(String field, String slug) {
    if (!FORM.matcher(slug).matches()) {
      throw AtollException.invalid(
          field, "must be lowercase letters, digits and inner hyphens, at most 63 characters");
    }
    return slug;
  }
}
