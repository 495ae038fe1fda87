package com.atoll.edge.hosts;

import com.atoll.platform.AsciiNames;
import java.net.IDN;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The host grammar of {@code docs/hosts.md}: every value of a Host header maps to at most one
 * target.
 */
public final class Hosts {
  private static final int LONGEST_NAME = 253;
  private static final int LONGEST_LABEL = 63;
  private static final Target API = new Target.Api();
  private static final Target UNKNOWN = new Target.Unknown();

  private final String domain;
  private final String sandboxSuffix;
  private final Set<String> apiHosts;

  /** The grammar below {@code domain}, the installation's base domain. */
  public Hosts(String domain) {
    String normalized = normalize(domain);
    if (normalized == null) {
      throw new IllegalArgumentException("not a domain name: " + domain);
    }
    this.domain = normalized;
    this.sandboxSuffix = ".sandbox." + normalized;
    this.apiHosts = Set.of(normalized, "api." + normalized, "sandboxes." + normalized);
  }

  /** The base domain, normalized. */
  public String domain() {
    return domain;
  }

  /** The hosts that name the API, addresses apart. */
  public Set<String> apiHosts() {
    return apiHosts;
  }

  /** The name that stands in a certificate for the hosts of all sandboxes. */
  public String everySandbox() {
    return "*" + sandboxSuffix;
  }

  /** What the value of a Host header (or of {@code :authority}, or of SNI) means. */
  public Target resolve(String hostHeader) {
    if (isAddress(hostHeader)) {
      return API;
    }
    String host = normalize(hostHeader);
    if (host == null) {
      return UNKNOWN;
    }
    if (apiHosts.contains(host) || host.equals("localhost")) {
      return API;
    }
    if (host.endsWith(sandboxSuffix)) {
      return sandbox(host.substring(0, host.length() - sandboxSuffix.length()));
    }
    if (host.equals(sandboxSuffix.substring(1))) {
      return UNKNOWN;
    }
    return new Target.Named(host);
  }

  /** What the first label of a sandbox's host means. */
  public static Target sandbox(String label) {
    int dash = label.indexOf('-');
    if (dash < 1 || dash > 5 || label.indexOf('.') >= 0) {
      return UNKNOWN;
    }
    int port = 0;
    for (int i = 0; i < dash; i++) {
      char digit = label.charAt(i);
      if (digit < '0' || digit > '9' || (i == 0 && digit == '0')) {
        return UNKNOWN;
      }
      port = port * 10 + (digit - '0');
    }
    String slug = label.substring(dash + 1);
    return port > 65_535 || !isSlug(slug) ? UNKNOWN : new Target.SandboxPort(port, slug);
  }

  /** Whether this may name a sandbox in a host: lower case letters, digits and inner dashes. */
  public static boolean isSlug(String slug) {
    if (slug.isEmpty() || slug.startsWith("-") || slug.endsWith("-")) {
      return false;
    }
    return slug.chars().allMatch(c -> isLetterOrDigit((char) c) || c == '-');
  }

  /**
   * A host name in the one form that routes use: lower case, ASCII, without port and final dot;
   * null when it is not a host name, or an address.
   */
  public static @Nullable String normalize(String hostHeader) {
    String host = withoutPort(hostHeader);
    if (host == null) {
      return null;
    }
    if (host.endsWith(".")) {
      host = host.substring(0, host.length() - 1);
    }
    host = ascii(host);
    if (host == null || host.isEmpty() || host.length() > LONGEST_NAME || !labelsFit(host)) {
      return null;
    }
    return host;
  }

  private static @Nullable String withoutPort(String header) {
    int colon = header.indexOf(':');
    if (colon < 0) {
      return header;
    }
    return isPort(header, colon + 1) ? header.substring(0, colon) : null;
  }

  private static boolean isPort(String text, int from) {
    if (text.length() - from > 5) {
      return false;
    }
    for (int i = from; i < text.length(); i++) {
      if (!isDigit(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable String ascii(String host) {
    boolean plain = host.chars().allMatch(c -> c < 0x80);
    if (plain) {
      return host.toLowerCase(Locale.ROOT);
    }
    try {
      return AsciiNames.of(utf8(host), IDN.USE_STD3_ASCII_RULES);
    } catch (IllegalArgumentException notAName) {
      return null;
    }
  }

  /** Header bytes arrive as Latin-1; a name outside ASCII was most likely sent as UTF-8. */
  private static String utf8(String host) {
    if (host.chars().anyMatch(c -> c > 0xff)) {
      return host;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(host.getBytes(StandardCharsets.ISO_8859_1)))
          .toString();
    } catch (CharacterCodingException latin) {
      return host;
    }
  }

  private static boolean labelsFit(String host) {
    int start = 0;
    boolean numeric = true;
    for (int i = 0; i <= host.length(); i++) {
      if (i == host.length() || host.charAt(i) == '.') {
        if (i == start
            || i - start > LONGEST_LABEL
            || host.charAt(start) == '-'
            || host.charAt(i - 1) == '-') {
          return false;
        }
        if (i < host.length()) {
          numeric = true;
        }
        start = i + 1;
        continue;
      }
      char c = host.charAt(i);
      if (!isLetterOrDigit(c) && c != '-' && c != '_') {
        return false;
      }
      numeric &= isDigit(c);
    }
    // A last label of digits only is an address or nothing (RFC 3696, section 2).
    return !numeric;
  }

  private static boolean isAddress(String header) {
    if (header.startsWith("[")) {
      int end = header.indexOf(']');
      return end > 3
          && header
              .substring(1, end)
              .chars()
              .allMatch(c -> isHexDigit((char) c) || c == ':' || c == '.')
          && (end == header.length() - 1
              || (header.charAt(end + 1) == ':' && isPort(header, end + 2)));
    }
    String host = withoutPort(header);
    if (host == null || host.isEmpty() || !isDigit(host.charAt(0))) {
      return false;
    }
    String[] octets = host.split("\\.", -1);
    if (octets.length != 4) {
      return false;
    }
    for (String octet : octets) {
      if (octet.isEmpty()
          || octet.length() > 3
          || !octet.chars().allMatch(c -> isDigit((char) c))
          || Integer.parseInt(octet) > 255) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isHexDigit(char c) {
    return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || isDigit(c);
  }
}
