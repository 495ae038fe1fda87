package com.atoll.server.egress;

import com.atoll.model.AtollException;
import java.net.IDN;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What callers may write into policies and rules. */
final class Checks {
  private static final Pattern HOST =
      Pattern.compile(
          "\\*|(\\*\\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?");
  private static final Pattern METHOD = Pattern.compile("[A-Z][A-Z-]{0,31}");
  private static final int LONGEST_HOST = 253;
  private static final int MOST_METHODS = 20;

  private Checks() {}

  /** A host as rules keep it: lower case, in ASCII, without a final dot. */
  static String host(@Nullable String asked) {
    if (asked == null || asked.isBlank()) {
      throw AtollException.invalid("host", "is required");
    }
    String host = asked.strip().toLowerCase(Locale.ROOT);
    if (host.endsWith(".")) {
      host = host.substring(0, host.length() - 1);
    }
    try {
      host = host.startsWith("*.") ? "*." + IDN.toASCII(host.substring(2)) : ascii(host);
    } catch (IllegalArgumentException e) {
      throw AtollException.invalid("host", "is not a host name");
    }
    if (host.length() > LONGEST_HOST || !HOST.matcher(host).matches()) {
      throw AtollException.invalid(
          "host", "must be a host name like api.example.com, *.example.com or *, without a port");
    }
    return host;
  }

  /** A host, an address or a range of addresses, as rules keep them. */
  static String destination(@Nullable String asked) {
    String text = asked == null ? "" : asked.strip();
    return AddressRange.isMeant(text) ? AddressRange.of("host", text).text() : host(asked);
  }

  private static String ascii(String host) {
    return host.equals("*") ? host : IDN.toASCII(host);
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
