package com.atoll.node.registries;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of an image.
 *
 * @param registry host, and port when it names one
 * @param repository within the registry
 * @param version a tag, or a digest
 */
public record Reference(String registry, String repository, String version) {
  private static final String HUB = "docker.io";
  private static final Pattern FORM =
      Pattern.compile(
          "(?:(?<host>[A-Za-z0-9.-]+(?::[0-9]{1,5})?)/)?"
              + "(?<name>[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*)"
              + "(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?");

  /** Reads what people write, as other clients understand it. */
  public static Reference parse(String text) throws RegistryException {
    Matcher matcher = FORM.matcher(text);
    if (text.length() > 512 || !matcher.matches()) {
      throw new RegistryException(text + " is no reference of an image");
    }
    String host = matcher.group("host");
    String name = matcher.group("name");
    if (host != null && !host.matches(".*[.:].*|localhost")) {
      name = host + "/" + name;
      host = null;
    }
    if (host == null) {
      host = HUB;
      name = name.contains("/") ? name : "library/" + name;
    }
    String digest = matcher.group("digest");
    String tag = matcher.group("tag");
    return new Reference(host, name, digest != null ? digest : tag != null ? tag : "latest");
  }

  /** Where the registry answers. */
  String endpoint() {
    String host = registry.equals(HUB) ? "registry-1.docker.io" : registry;
    boolean here = host.matches("(127\\.[0-9.]+|localhost)(:[0-9]+)?");
    return (here ? "http://" : "https://") + host + "/v2/" + repository;
  }
}
