package com.atoll.node.guest;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** Reads answers into records; what is out of bounds is a protocol error. */
final class Answers {
  private static final int MAX_PATH = 4096;

  /** A path in base64. */
  private static final int MAX_PLACE = 5_464;

  private static final int MAX_NAME = 256;
  private static final int MAX_VERSION = 80;
  private static final int MAX_EXCERPT = 1024;
  private static final int MAX_ATTRIBUTES = 64;
  private static final int MAX_MANY = 10_000;
  private static final int MAX_COMMAND = 8192;

  private Answers() {}

  static long number(JsonNode node, String field, long least, long most) {
    JsonNode value = node.path(field);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw GuestException.protocol(field + " is not a number");
    }
    long number = value.asLong();
    if (number < least || number > most) {
      throw GuestException.protocol(field + " is out of range");
    }
    return number;
  }

  static boolean flag(JsonNode node, String field) {
    return node.path(field).asBoolean(false);
  }

  static String text(JsonNode node, String field, int limit) {
    JsonNode value = node.path(field);
    if (value.isMissingNode()) {
      return "";
    }
    if (!value.isString() || value.asString().length() > limit) {
      throw GuestException.protocol(field + " is no text, or too long");
    }
    return value.asString();
  }

  static Pong pong(JsonNode node) {
    return new Pong(
        (int) number(node, "v", 1, 1000),
        text(node, "agent", MAX_NAME),
        number(node, "uptime_ms", 0, Long.MAX_VALUE),
        (int) number(node, "processes", 0, Integer.MAX_VALUE));
  }

  static GuestProcess process(JsonNode node) {
    return new GuestProcess(
        number(node, "pid", 1, Integer.MAX_VALUE),
        text(node, "name", MAX_NAME),
        text(node, "command", MAX_COMMAND),
        flag(node, "running"),
        (int) number(node, "exit_code", -1, 1024),
        flag(node, "timed_out"),
        flag(node, "out_of_memory"),
        flag(node, "stopped"),
        number(node, "started_unix_ms", 0, Long.MAX_VALUE),
        number(node, "ended_unix_ms", 0, Long.MAX_VALUE),
        number(node, "last_sequence", 0, Long.MAX_VALUE));
  }

  static FileInfo file(JsonNode node) {
    String path = text(node, "path", MAX_PATH);
    if (!path.startsWith("/") || path.indexOf('\0') >= 0 || (path + "/").contains("/../")) {
      throw GuestException.protocol("a path that is not absolute and plain");
    }
    return new FileInfo(
        path,
        type(text(node, "type", MAX_NAME)),
        number(node, "size", 0, Long.MAX_VALUE),
        (int) number(node, "mode", 0, 07777),
        number(node, "modified_unix_ms", Long.MIN_VALUE, Long.MAX_VALUE),
        (int) number(node, "uid", 0, 0xFFFFFFFFL),
        (int) number(node, "gid", 0, 0xFFFFFFFFL),
        text(node, "link_target", MAX_PATH),
        attributes(node.path("attributes")),
        version(node));
  }

  /** It goes on into headers. */
  private static String version(JsonNode node) {
    String version = text(node, "version", MAX_VERSION);
    if (!version.chars().allMatch(c -> c == '-' || (c < 0x80 && Character.digit(c, 16) >= 0))) {
      throw GuestException.protocol("a version that is no number");
    }
    return version;
  }

  private static Map<String, String> attributes(JsonNode node) {
    if (node.isMissingNode()) {
      return Map.of();
    }
    if (!node.isObject() || node.size() > MAX_ATTRIBUTES) {
      throw GuestException.protocol("attributes are not a short map");
    }
    Map<String, String> attributes = new TreeMap<>();
    for (String name : node.propertyNames()) {
      if (name.length() > MAX_NAME) {
        throw GuestException.protocol("an attribute whose name is too long");
      }
      attributes.put(name, text(node, name, MAX_EXCERPT * 3));
    }
    return attributes;
  }

  private static FileInfo.Type type(String name) {
    for (FileInfo.Type type : FileInfo.Type.values()) {
      if (type.name().toLowerCase(Locale.ROOT).equals(name)) {
        return type;
      }
    }
    throw GuestException.protocol("an unknown kind of file");
  }

  static DirectoryListing listing(JsonNode node, String folder, int limit) {
    String prefix = folder.endsWith("/") ? folder : folder + "/";
    List<FileInfo> entries = new ArrayList<>();
    for (JsonNode entry : node.path("entries")) {
      FileInfo info = file(entry);
      if (entries.size() >= limit || !info.path().startsWith(prefix)) {
        throw GuestException.protocol("more entries than asked for, or others");
      }
      entries.add(info);
    }
    return new DirectoryListing(entries, flag(node, "cut"), text(node, "next", MAX_PLACE));
  }

  static SearchResult matches(JsonNode node, SearchWish wish) {
    String prefix = wish.path().endsWith("/") ? wish.path() : wish.path() + "/";
    List<SearchMatch> matches = new ArrayList<>();
    for (JsonNode match : node.path("matches")) {
      FileInfo info = file(match.path("info"));
      if (matches.size() >= wish.limit() || !info.path().startsWith(prefix)) {
        throw GuestException.protocol("more matches than asked for, or others");
      }
      long line = match.has("line") ? number(match, "line", 0, Long.MAX_VALUE) : 0;
      matches.add(new SearchMatch(info, line, text(match, "text", MAX_EXCERPT)));
    }
    return new SearchResult(matches, flag(node, "cut"));
  }

  static List<WriteFailure> failures(JsonNode node) {
    List<WriteFailure> failures = new ArrayList<>();
    for (JsonNode failure : node.path("failed")) {
      if (failures.size() >= MAX_MANY) {
        throw GuestException.protocol("more failures than files");
      }
      failures.add(
          new WriteFailure(
              (int) number(failure, "at", 0, MAX_MANY - 1),
              text(failure, "code", MAX_NAME),
              text(failure, "message", MAX_EXCERPT)));
    }
    return failures;
  }

  static List<ListeningPort> ports(JsonNode node) {
    List<ListeningPort> ports = new ArrayList<>();
    for (JsonNode port : node.path("ports")) {
      if (ports.size() >= 1024) {
        throw GuestException.protocol("more ports than a guest has");
      }
      ports.add(
          new ListeningPort(
              (int) number(port, "port", 1, 65535),
              flag(port, "loopback_only"),
              number(port, "pid", 0, Integer.MAX_VALUE)));
    }
    return ports;
  }
}
