package com.atoll.node.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The signatures that another implementation (botocore 1.44) makes of the same requests. */
final class S3SignatureTest {
  private static final S3Settings SETTINGS =
      new S3Settings(
          "https://127.0.0.1:9000",
          "eu-central-1",
          "AKIAIOSFODNN7EXAMPLE",
          "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");

  private static String signature(
      String method, String path, Map<String, String> query, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    Map<String, String> headers =
        new S3Signature(SETTINGS)
            .headers(
                method,
                URI.create("https://127.0.0.1:9000" + path),
                new TreeMap<>(query),
                S3Signature.digest(bytes, 0, bytes.length),
                Instant.parse("2026-11-27T01:02:03Z"));
    String authorization = String.valueOf(headers.get("Authorization"));
    return authorization.substring(authorization.indexOf("Signature=") + 10);
  }

  @Test
  void aPartIsSignedWithItsQuery() {
    assertEquals(
        "cbdd5cc8dff73b35491e33daba4853424bba0c960294ef83eeddb7fd60c3914d",
        signature(
            "PUT",
            "/my-bucket/pre%20fix/snap_1.data",
            Map.of("partNumber", "1", "uploadId", "a b/c+~"),
            "hello"));
  }

  @Test
  void theBeginningOfAnUploadIsSignedWithNothing() {
    assertEquals(
        "c72b3a1b9b557c859dec0cfc5e2de66fa8d83508524f8355870641eb43dbca83",
        signature("POST", "/my-bucket/snap_1.data", Map.of("uploads", ""), ""));
  }
}
