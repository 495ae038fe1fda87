package com.atoll.node.archive;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The calls of an S3 service that an archive needs, to one bucket. */
final class S3Client {
  private static final Pattern UPLOAD_ID = Pattern.compile("<UploadId>([^<]+)</UploadId>");
  private static final Pattern UPLOAD =
      Pattern.compile("<Upload>.*?<Key>([^<]+)</Key>.*?</Upload>", Pattern.DOTALL);
  private static final Pattern CODE = Pattern.compile("<Code>([^<]{1,80})</Code>");
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final int TRIES = 4;
  private static final byte[] NOTHING = new byte[0];

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();
  private final S3Settings settings;
  private final S3Signature signature;
  private final String bucket;

  S3Client(S3Settings settings, String bucket) {
    this.settings = settings;
    this.signature = new S3Signature(settings);
    this.bucket = bucket;
  }

  /** An upload in parts that nobody has ended. */
  record Unfinished(String key, String uploadId) {}

  void put(String key, byte[] bytes, int length) throws IOException {
    text("PUT", key, Map.of(), bytes, length);
  }

  String begin(String key) throws IOException {
    String answer = text("POST", key, Map.of("uploads", ""), NOTHING, 0).body();
    Matcher id = UPLOAD_ID.matcher(answer);
    if (!id.find()) {
      throw new IOException("the S3 service began no upload");
    }
    return plain(id.group(1));
  }

  /** Sends a part and answers its tag. */
  String part(String key, String uploadId, int number, byte[] bytes, int length)
      throws IOException {
    Map<String, String> query =
        Map.of("partNumber", Integer.toString(number), "uploadId", uploadId);
    return text("PUT", key, query, bytes, length)
        .headers()
        .firstValue("ETag")
        .orElseThrow(() -> new IOException("the S3 service gave a part no tag"));
  }

  void complete(String key, String uploadId, List<String> tags) throws IOException {
    StringBuilder body = new StringBuilder("<CompleteMultipartUpload>");
    for (int i = 0; i < tags.size(); i++) {
      body.append("<Part><PartNumber>").append(i + 1).append("</PartNumber><ETag>");
      body.append(tags.get(i).replace("\"", "&quot;")).append("</ETag></Part>");
    }
    byte[] bytes =
        body.append("</CompleteMultipartUpload>").toString().getBytes(StandardCharsets.UTF_8);
    String answer = text("POST", key, Map.of("uploadId", uploadId), bytes, bytes.length).body();
    if (answer.contains("<Error>")) { // It may fail after it has begun to answer with 200.
      throw refused("completing an upload", 200, answer);
    }
  }

  void abort(String key, String uploadId) throws IOException {
    text("DELETE", key, Map.of("uploadId", uploadId), NOTHING, 0);
  }

  List<Unfinished> unfinished(String prefix) throws IOException {
    String answer = text("GET", "", Map.of("uploads", "", "prefix", prefix), NOTHING, 0).body();
    List<Unfinished> found = new ArrayList<>();
    Matcher upload = UPLOAD.matcher(answer);
    while (upload.find()) {
      Matcher id = UPLOAD_ID.matcher(upload.group());
      if (id.find()) {
        found.add(new Unfinished(plain(upload.group(1)), plain(id.group(1))));
      }
    }
    return found;
  }

  void delete(String key) throws IOException {
    text("DELETE", key, Map.of(), NOTHING, 0);
  }

  OptionalLong size(String key) throws IOException {
    HttpResponse<InputStream> answer = send("HEAD", key, Map.of(), NOTHING, 0);
    answer.body().close();
    if (answer.statusCode() == 404) {
      return OptionalLong.empty();
    }
    require(answer.statusCode() == 200, "HEAD", answer.statusCode(), "");
    return answer.headers().firstValueAsLong("Content-Length");
  }

  Optional<InputStream> get(String key) throws IOException {
    HttpResponse<InputStream> answer = send("GET", key, Map.of(), NOTHING, 0);
    if (answer.statusCode() == 200) {
      return Optional.of(answer.body());
    }
    try (InputStream body = answer.body()) {
      String text = new String(body.readNBytes(1 << 16), StandardCharsets.UTF_8);
      require(
          answer.statusCode() == 404 && !text.contains("NoSuchBucket"),
          "GET",
          answer.statusCode(),
          text);
      return Optional.empty();
    }
  }

  private record Text(String body, java.net.http.HttpHeaders headers) {}

  private Text text(String method, String key, Map<String, String> query, byte[] body, int length)
      throws IOException {
    HttpResponse<InputStream> answer = send(method, key, query, body, length);
    try (InputStream stream = answer.body()) {
      String text = new String(stream.readNBytes(1 << 22), StandardCharsets.UTF_8);
      int status = answer.statusCode();
      boolean gone = method.equals("DELETE") && status == 404 && !text.contains("NoSuchBucket");
      require(status / 100 == 2 || gone, method, status, text);
      return new Text(text, answer.headers());
    }
  }

  /**
   * Sends it again when the service is busy or the connection broke: every call may be repeated.
   */
  private HttpResponse<InputStream> send(
      String method, String key, Map<String, String> query, byte[] body, int length)
      throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        HttpResponse<InputStream> answer = once(method, key, query, body, length);
        boolean busy = answer.statusCode() >= 500 || answer.statusCode() == 429;
        if (!busy || attempt == TRIES) {
          return answer;
        }
        answer.body().close();
      } catch (IOException broken) {
        if (attempt == TRIES) {
          throw new IOException(
              "the S3 service at " + settings + " does not answer: " + broken, broken);
        }
      } catch (InterruptedException stopped) {
        throw stopped(stopped);
      }
      pause(Duration.ofMillis(250L << attempt));
    }
  }

  private HttpResponse<InputStream> once(
      String method, String key, Map<String, String> query, byte[] body, int length)
      throws IOException, InterruptedException {
    StringBuilder path = new StringBuilder(settings.endpoint().replaceAll("/+$", ""));
    path.append('/').append(S3Signature.encode(bucket));
    if (!key.isEmpty()) {
      for (String part : key.split("/", -1)) {
        path.append('/').append(S3Signature.encode(part));
      }
    }
    SortedMap<String, String> sorted = new TreeMap<>(query);
    URI bare = URI.create(path.toString());
    URI uri = sorted.isEmpty() ? bare : URI.create(path + "?" + S3Signature.query(sorted));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(PATIENCE)
            .method(
                method,
                length == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body, 0, length));
    signature
        .headers(method, bare, sorted, S3Signature.digest(body, 0, length), Instant.now())
        .forEach(request::header);
    return http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
  }

  private static void pause(Duration time) throws IOException {
    try {
      var _ = new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException stopped) {
      throw stopped(stopped);
    }
  }

  private static IOException stopped(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new IOException("interrupted", cause);
  }

  private static void require(boolean fine, String what, int status, String body)
      throws IOException {
    if (!fine) {
      throw refused(what, status, body);
    }
  }

  private static IOException refused(String what, int status, String body) {
    Matcher code = CODE.matcher(body);
    String why = code.find() ? " " + code.group(1) : "";
    return new IOException("the S3 service refused " + what + ": " + status + why);
  }

  private static String plain(String xml) {
    return xml.replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
  }
}
