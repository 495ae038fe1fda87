package com.atoll.server.files;

import java.net.URLDecoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the Content-Disposition of a part says.
 *
 * @param name of the field, or ""
 * @param fileName of the file; null when the part is none
 */
record Disposition(String name, @Nullable String fileName) {
  /**
   * A parameter, its value quoted or a token. What is quoted may look like a parameter, and a
   * client that escapes nothing may end it with a backslash.
   */
  private static final Pattern PARAMETER =
      Pattern.compile(
          "\\G\\s*;\\s*(?<name>[^=;\\s\"]+)\\s*=\\s*"
              + "(?:\"(?<quoted>(?:[^\"\\\\]|\\\\.)*+)\"|\"(?<bare>[^\"]*)\"|(?<token>[^;\\s\"]*))");

  /** Some clients put a backslash before these two alone, others before none. */
  private static final Pattern ESCAPED = Pattern.compile("\\\\([\\\\\"])");

  /** Charset, language and the text as the form of URLs, as RFC 5987 has it. */
  private static final Pattern EXTENDED =
      Pattern.compile("(?<charset>utf-8|iso-8859-1)'[^']*'(?<text>.*)", Pattern.CASE_INSENSITIVE);

  /** Reads the value of the header. */
  static Disposition of(String header) {
    int first = header.indexOf(';');
    Map<String, String> parameters = new HashMap<>();
    Matcher parameter = PARAMETER.matcher(first < 0 ? "" : header.substring(first));
    while (parameter.find()) {
      parameters.putIfAbsent(parameter.group("name").toLowerCase(Locale.ROOT), value(parameter));
    }
    String extended = decoded(parameters.get("filename*"));
    return new Disposition(
        parameters.getOrDefault("name", ""),
        extended == null ? parameters.get("filename") : extended);
  }

  private static String value(Matcher parameter) {
    String quoted = parameter.group("quoted");
    if (quoted != null) {
      // Browsers and httpx write a quote so, and nothing else of what a name holds.
      return ESCAPED.matcher(quoted).replaceAll("$1").replace("%22", "\"");
    }
    String bare = parameter.group("bare");
    return bare == null ? parameter.group("token") : bare;
  }

  private static @Nullable String decoded(@Nullable String value) {
    Matcher extended = EXTENDED.matcher(value == null ? "" : value);
    if (!extended.matches()) {
      return null;
    }
    Charset charset =
        extended.group("charset").equalsIgnoreCase("utf-8")
            ? StandardCharsets.UTF_8
            : StandardCharsets.ISO_8859_1;
    try {
      return URLDecoder.decode(extended.group("text").replace("+", "%2B"), charset);
    } catch (IllegalArgumentException malformed) {
      return null;
    }
  }
}
