package com.atoll.server.http;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The path of a request, decoded, without the prefix of the API.
 *
 * @param segments what stands between the slashes
 * @param prefixed whether the prefix was there; some clients send it twice
 */
record ApiPath(List<String> segments, boolean prefixed) {
  static ApiPath of(String raw) {
    List<String> segments = new ArrayList<>();
    for (String part : raw.split("/", -1)) {
      segments.add(decode(part));
    }
    segments.removeFirst();
    if (segments.size() > 1 && segments.getLast().isEmpty()) {
      segments.removeLast();
    }
    boolean prefixed = false;
    while (segments.size() >= 2 && segments.get(0).equals("api") && segments.get(1).equals("v1")) {
      segments = segments.subList(2, segments.size());
      prefixed = true;
    }
    return new ApiPath(List.copyOf(segments), prefixed);
  }

  private static String decode(String part) {
    if (part.indexOf('%') < 0) {
      return checked(part);
    }
    byte[] in = part.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocate(in.length);
    for (int i = 0; i < in.length; i++) {
      if (in[i] != '%') {
        out.put(in[i]);
        continue;
      }
      int high = i + 1 < in.length ? Character.digit(in[i + 1], 16) : -1;
      int low = i + 2 < in.length ? Character.digit(in[i + 2], 16) : -1;
      if (high < 0 || low < 0) {
        throw AtollException.of(ErrorCode.INVALID_REQUEST, "the path is malformed");
      }
      out.put((byte) (high << 4 | low));
      i += 2;
    }
    try {
      return checked(StandardCharsets.UTF_8.newDecoder().decode(out.flip()).toString());
    } catch (CharacterCodingException e) {
      throw AtollException.of(ErrorCode.INVALID_REQUEST, "the path is malformed");
    }
  }

  private static String checked(String segment) {
    if (segment.indexOf('\0') >= 0 || segment.length() > 4096) {
      throw AtollException.of(ErrorCode.INVALID_REQUEST, "the path is malformed");
    }
    return segment;
  }
}
