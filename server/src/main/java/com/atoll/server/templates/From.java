package com.atoll.server.templates;

import java.util.regex.Pattern;

/** What a build may begin with. */
final class From {
  static final String REGISTRY = "oci://";

  private static final String HUB = "docker.io";

  private static final Pattern TEMPLATE = Pattern.compile("[a-z0-9][a-z0-9_-]{0,127}");
  private static final String NAME = "[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*";
  private static final String HOST = "([A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?/)?";
  private static final String TAG = "(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?";
  private static final Pattern IMAGE =
      Pattern.compile(HOST + NAME + TAG + "(@sha256:[0-9a-f]{64})?");

  private From() {}

  /** Whether it can be a template or an image at all. */
  static boolean isForm(String from) {
    return isTemplate(from) || isImage(from);
  }

  /** Whether it names a template. */
  static boolean isTemplate(String from) {
    return TEMPLATE.matcher(from).matches();
  }

  /** Whether it names an image of a registry. */
  static boolean isImage(String from) {
    return !isTemplate(from) && IMAGE.matcher(bare(from)).matches();
  }

  /** The registry of an image, with its port when it names one, as the node reads it. */
  static String registry(String image) {
    String bare = bare(image);
    int slash = bare.indexOf('/');
    String first = slash < 0 ? "" : bare.substring(0, slash);
    return first.matches(".*[.:].*|localhost") ? first : HUB;
  }

  /** As the node is told of an image of a registry. */
  static String image(String from) {
    return REGISTRY + bare(from);
  }

  private static String bare(String from) {
    return from.startsWith(REGISTRY) ? from.substring(REGISTRY.length()) : from;
  }
}
