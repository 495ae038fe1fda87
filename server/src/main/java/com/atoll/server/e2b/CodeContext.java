package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.code.Language;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * A context of this wire. Its id says all that is to be known of it, so that it needs no row; that
 * it was made here is told by a file in the sandbox, {@link KeptContexts}.
 *
 * @param own what tells it from others of its language and directory
 * @param directory where it begins
 */
record CodeContext(Language language, String own, String directory) {
  private static final String PREFIX = "e2b";
  private static final String USUAL = "default";
  private static final int LONGEST_DIRECTORY = 150;

  /** So that it may be the name of a file. */
  private static final int LONGEST_ID = 255;

  private static final SecureRandom RANDOM = new SecureRandom();

  /** A new one. */
  static CodeContext make(Language language, String directory) {
    if (directory.getBytes(StandardCharsets.UTF_8).length > LONGEST_DIRECTORY) {
      throw AtollException.invalid("cwd", "must have at most " + LONGEST_DIRECTORY + " bytes");
    }
    byte[] own = new byte[12];
    RANDOM.nextBytes(own);
    return new CodeContext(language, HexFormat.of().formatHex(own), directory);
  }

  /** The one of who names none. */
  static CodeContext usual(Language language, String home) {
    return new CodeContext(language, USUAL, home);
  }

  /** The one with this id. */
  static CodeContext require(String id) {
    return parse(id).orElseThrow(() -> notFound(id));
  }

  /** There is none with this id. */
  static AtollException notFound(String id) {
    String shown = id.length() > LONGEST_ID ? id.substring(0, LONGEST_ID) : id;
    return AtollException.withMessage(ErrorCode.NOT_FOUND, "Context " + shown + " not found");
  }

  /** Whether it is one of who names none. */
  boolean isUsual() {
    return own.equals(USUAL);
  }

  /** The one with this id; nothing when it is that of something else. */
  static Optional<CodeContext> parse(String id) {
    String[] parts = id.split("\\.", -1);
    if (id.length() > LONGEST_ID
        || parts.length != 4
        || !parts[0].equals(PREFIX)
        || !parts[2].matches("[0-9a-f]{24}|" + USUAL)) {
      return Optional.empty();
    }
    try {
      String directory =
          new String(Base64.getUrlDecoder().decode(parts[3]), StandardCharsets.UTF_8);
      CodeContext context = new CodeContext(Language.of(parts[1]), parts[2], directory);
      return context.id().equals(id) && directory.startsWith("/")
          ? Optional.of(context)
          : Optional.empty();
    } catch (IllegalArgumentException | AtollException malformed) {
      return Optional.empty();
    }
  }

  /** Its id, which is the name of its interpreter. */
  String id() {
    String place =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(directory.getBytes(StandardCharsets.UTF_8));
    return String.join(".", PREFIX, language.wire(), own, place);
  }

  ObjectNode shown() {
    return Backend.object().put("id", id()).put("language", language.wire()).put("cwd", directory);
  }
}
