package com.atoll.server.domains;

import com.atoll.model.AtollException;
import com.atoll.platform.AsciiNames;
import java.net.IDN;
import java.util.regex.Pattern;

/** Which domains an organization may take for its previews. */
final class Names {
  private static final Pattern NAME =
      Pattern.compile("([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final int LONGEST = 180;

  private Names() {}

  /** The domain in the form of DNS: lower case, ASCII, without a final dot. */
  static String checked(String asked, String installation) {
    String name = asked.strip();
    if (name.endsWith(".")) {
      name = name.substring(0, name.length() - 1);
    }
    try {
      name = AsciiNames.of(name, IDN.USE_STD3_ASCII_RULES);
    } catch (IllegalArgumentException unfit) {
      throw AtollException.invalid(
          "domain",
          AsciiNames.isAmbiguous(name)
              ? AsciiNames.AMBIGUOUS
              : "must be a domain name like previews.example.com");
    }
    if (name.length() > LONGEST || !NAME.matcher(name).matches()) {
      throw AtollException.invalid(
          "domain",
          "must be a domain name like previews.example.com of at most " + LONGEST + " characters");
    }
    boolean ours = name.equals(installation) || name.endsWith("." + installation);
    if (ours || name.endsWith(".localhost")) {
      throw AtollException.invalid("domain", "must not be of this installation");
    }
    return name;
  }
}
