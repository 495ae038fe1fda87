package com.atoll.node.archive;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** AWS Signature Version 4 for S3. */
final class S3Signature {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final HexFormat HEX = HexFormat.of();

  private final S3Settings settings;

  S3Signature(S3Settings settings) {
    this.settings = settings;
  }

  /** The headers that sign a request, besides Host. */
  Map<String, String> headers(
      String method, URI uri, SortedMap<String, String> query, String bodyDigest, Instant now) {
    String time = TIME.format(now);
    String scope = time.substring(0, 8) + "/" + settings.signedRegion() + "/s3/aws4_request";
    String host = uri.getPort() < 0 ? uri.getHost() : uri.getHost() + ":" + uri.getPort();
    String canonical =
        String.join(
            "\n",
            method,
            uri.getRawPath(),
            query(query),
            "host:" + host,
            "x-amz-content-sha256:" + bodyDigest,
            "x-amz-date:" + time,
            "",
            "host;x-amz-content-sha256;x-amz-date",
            bodyDigest);
    String toSign =
        String.join(
            "\n",
            "AWS4-HMAC-SHA256",
            time,
            scope,
            digest(canonical.getBytes(StandardCharsets.UTF_8), 0, -1));
    byte[] key = ("AWS4" + settings.secretAccessKey()).getBytes(StandardCharsets.UTF_8);
    for (String part : scope.split("/", -1)) {
      key = code(key, part);
    }
    Map<String, String> headers = new TreeMap<>();
    headers.put("x-amz-content-sha256", bodyDigest);
    headers.put("x-amz-date", time);
    headers.put(
        "Authorization",
        "AWS4-HMAC-SHA256 Credential="
            + settings.accessKeyId()
            + "/"
            + scope
            + ", SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature="
            + HEX.formatHex(code(key, toSign)));
    return headers;
  }

  /** A query string in the one form that signatures know. */
  static String query(SortedMap<String, String> query) {
    return query.entrySet().stream()
        .map(e -> encode(e.getKey()) + "=" + encode(e.getValue()))
        .collect(Collectors.joining("&"));
  }

  /** Percent-encodes everything but letters, digits and {@code -._~}. */
  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8)
        .replace("+", "%20")
        .replace("*", "%2A")
        .replace("%7E", "~");
  }

  /** SHA-256 of bytes, hexadecimal; a negative length means all. */
  static String digest(byte[] bytes, int offset, int length) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes, offset, length < 0 ? bytes.length : length);
      return HEX.formatHex(digest.digest());
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
  }

  private static byte[] code(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
  }
}
