package com.atoll.node.registries;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.platform.AddressRules;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What images of a registry are made of, as far as this machine can run them. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class RegistriesTest {
  private static final String OWN =
      System.getProperty("os.arch", "").equals("aarch64") ? "arm64" : "amd64";
  private static final String OTHER = OWN.equals("amd64") ? "arm64" : "amd64";
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";

  private final Map<String, byte[]> parts = new ConcurrentHashMap<>();
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private final CountDownLatch stalled = new CountDownLatch(1);
  private final CountDownLatch end = new CountDownLatch(1);
  private HttpServer server;
  private Registries registries;

  @BeforeEach
  void begin() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
    registries =
        new Registries(
            List.of(host()),
            new PublicPlaces(new AddressRules(List.of(), List.of()), InetAddress::getAllByName));
  }

  @AfterEach
  void end() {
    end.countDown();
    server.stop(0);
  }

  private String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  private void answer(HttpExchange call) throws IOException {
    String path = call.getRequestURI().getPath();
    String name = path.substring(path.lastIndexOf('/') + 1);
    byte[] part = parts.get(name);
    try (call) {
      if (name.equals("stall")) {
        call.sendResponseHeaders(200, 1_000);
        call.getResponseBody().write('{');
        call.getResponseBody().flush();
        stalled.countDown();
        end.await();
      } else if (part == null) {
        call.sendResponseHeaders(404, -1);
      } else {
        call.sendResponseHeaders(200, part.length);
        call.getResponseBody().write(part);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String digest(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private String put(String json) {
    byte[] bytes = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    parts.put(digest(bytes), bytes);
    return digest(bytes);
  }

  private String image(String architecture, String name, String layer) {
    String config =
        put(
            "{'os':'linux','architecture':'%s','config':{'Env':['NAME=%s']}}"
                .formatted(architecture, name));
    return put(
        "{'config':{'digest':'%s'},'layers':[{'mediaType':'%s','size':1,'digest':'%s'}]}"
            .formatted(config, layer, digest(new byte[1])));
  }

  private static String entry(String digest, String platform) {
    return "{'digest':'%s','platform':{'os':'linux',%s}}".formatted(digest, platform);
  }

  private String index(String... entries) {
    return put("{'manifests':[" + String.join(",", entries) + "]}");
  }

  private RemoteImage find(String version) throws IOException, RegistryException {
    return registries.find(
        Reference.parse(host() + "/x/y" + (version.startsWith("sha256:") ? "@" : ":") + version),
        cancelled);
  }

  private void refused(String version, String why) {
    RegistryException seen = assertThrows(RegistryException.class, () -> find(version));
    assertTrue(String.valueOf(seen.getMessage()).contains(why), seen::toString);
  }

  @Test
  void ofSeveralVariantsTheOneThatAsksForLeastIsTaken() throws Exception {
    String own = "'architecture':'" + OWN + "'";
    String high = entry(image(OWN, "high", LAYER), own + ",'variant':'v9'");
    String plain = entry(image(OWN, "plain", LAYER), own);
    String other = entry(image(OTHER, "other", LAYER), "'architecture':'" + OTHER + "'");
    assertEquals("plain", find(index(high, other, plain)).env().get("NAME"));
    assertEquals("high", find(index(other, high)).env().get("NAME"));
    refused(index(other), "not made for Linux on " + OWN);
  }

  @Test
  void anIndexMayBeInAnIndex() throws Exception {
    String inner = index(entry(image(OWN, "deep", LAYER), "'architecture':'" + OWN + "'"));
    assertEquals(
        "deep", find(index(entry(inner, "'architecture':'" + OWN + "'"))).env().get("NAME"));
    String bare = "{'mediaType':'%s','digest':'%s'}".formatted(INDEX, inner);
    assertEquals("deep", find(index(bare)).env().get("NAME"));
  }

  @Test
  void whatThisMachineCannotRunIsRefused() {
    refused(image(OTHER, "other", LAYER), "is made for linux on " + OTHER);
    refused(image(OWN, "helm", "application/vnd.cncf.helm.chart.content.v1.tar+gzip"), "helm");
    refused(image(OWN, "zstd", "application/vnd.oci.image.layer.v1.tar+zstd"), "zstd");
  }

  @Test
  void aRegistryThatStandsStillIsLeftWhenTheBuildIsCalledOff() throws Exception {
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              try {
                stalled.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              cancelled.countDown();
            });
    assertThrows(IOException.class, () -> find("stall"));
    caller.join();
  }

  @Test
  void whatTakesTooLongIsClosedUnderItsReader() throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    InputStream answer =
        client
            .send(
                HttpRequest.newBuilder(URI.create("http://" + host() + "/stall")).build(),
                HttpResponse.BodyHandlers.ofInputStream())
            .body();
    try (BreakOff limit = BreakOff.after(Duration.ofMillis(300), cancelled, answer)) {
      assertThrows(IOException.class, () -> answer.readNBytes(100));
      assertTrue(limit.isBroken());
    }
  }
}
