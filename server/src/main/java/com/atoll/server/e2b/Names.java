package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.SandboxId;
import java.util.regex.Pattern;

/** What things are called on the one wire and on the other. */
final class Names {
  /** The version of the program in the sandbox that the SDKs are told: it decides what they ask. */
  static final String ENVD_VERSION = "0.6.4";

  private static final String PREFIX = SandboxId.PREFIX + "_";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
  private static final Pattern TEMPLATE = Pattern.compile("[a-z0-9_-]{1,64}");

  private Names() {}

  /** The id of a sandbox without its prefix, so that it fits into a host name. */
  static String shown(String id) {
    return id.startsWith(PREFIX) ? id.substring(PREFIX.length()) : id;
  }

  /** The id or slug of the sandbox that an SDK names. */
  static String sandbox(String shown) {
    if (Ids.is(SandboxId.PREFIX, PREFIX + shown)) {
      return PREFIX + shown;
    }
    try {
      return Ids.reference(shown);
    } catch (AtollException malformed) {
      throw AtollException.of(ErrorCode.SANDBOX_NOT_FOUND, "with this id");
    }
  }

  /** Whether a template can be called so; else it can only be the name of a snapshot. */
  static boolean isTemplate(String ours) {
    return TEMPLATE.matcher(ours).matches();
  }

  /** A name without the tag behind it. */
  static String untagged(String name) {
    int colon = name.indexOf(':');
    return colon < 0 ? name : name.substring(0, colon);
  }

  /** Our template, or the name of a snapshot, for one of theirs, whose tag does not count. */
  static String template(String theirs) {
    String name = untagged(theirs);
    if (!NAME.matcher(name).matches()) {
      throw AtollException.of(ErrorCode.TEMPLATE_NOT_FOUND, "with this name");
    }
    return switch (name) {
      case "base" -> "miosa-sandbox";
      case "code-interpreter", "code-interpreter-v1" -> "jupyter";
      default -> name;
    };
  }
}
