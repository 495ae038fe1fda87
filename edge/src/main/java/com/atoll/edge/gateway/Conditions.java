package com.atoll.edge.gateway;

import com.atoll.edge.files.SiteFile;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Locale;

/** The conditions under which a client wants a file (RFC 9110, sections 12.5.3, 13 and 14). */
final class Conditions {
  private final HttpHeaders headers;

  Conditions(HttpHeaders headers) {
    this.headers = headers;
  }

  /** Whether If-Match or If-Unmodified-Since forbids an answer. */
  boolean failed(SiteFile file) {
    String match = headers.get(HttpHeaderNames.IF_MATCH);
    if (match != null) {
      return !names(match, file, false);
    }
    String since = headers.get(HttpHeaderNames.IF_UNMODIFIED_SINCE);
    long time = since == null ? -1 : HttpDates.parse(since);
    return time >= 0 && file.modified() > time;
  }

  boolean isNotModified(SiteFile file) {
    String match = headers.get(HttpHeaderNames.IF_NONE_MATCH);
    if (match != null) {
      return names(match, file, true);
    }
    String since = headers.get(HttpHeaderNames.IF_MODIFIED_SINCE);
    long time = since == null ? -1 : HttpDates.parse(since);
    return time >= 0 && file.modified() <= time;
  }

  boolean allowRange(SiteFile file) {
    String condition = headers.get(HttpHeaderNames.IF_RANGE);
    if (condition == null) {
      return true;
    }
    return condition.startsWith("\"")
        ? condition.equals('"' + file.tag() + '"')
        : HttpDates.parse(condition) == file.modified();
  }

  /** A tag of any of the file's encodings names it; weak comparison only where it is allowed. */
  private static boolean names(String list, SiteFile file, boolean weak) {
    if (list.strip().equals("*")) {
      return true;
    }
    for (String one : list.split(",", -1)) {
      String tag = one.strip();
      if (tag.startsWith("W/") && weak) {
        tag = tag.substring(2);
      }
      if (tag.equals('"' + file.tag() + '"')
          || tag.equals('"' + file.tag() + "-gzip\"")
          || tag.equals('"' + file.tag() + "-br\"")) {
        return true;
      }
    }
    return false;
  }

  boolean accepts(String encoding) {
    String accepted = headers.get(HttpHeaderNames.ACCEPT_ENCODING);
    if (accepted == null) {
      return false;
    }
    for (String one : accepted.toLowerCase(Locale.ROOT).split(",", -1)) {
      String[] parts = one.strip().split(";", -1);
      if (parts[0].strip().equals(encoding)) {
        return parts.length < 2 || !parts[1].replace(" ", "").matches("q=0(\\.0*)?");
      }
    }
    return false;
  }
}
