package com.atoll.node.registries;

import com.atoll.model.EnvName;
import com.atoll.node.registries.RemoteImage.Layer;
import com.atoll.platform.Installation;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Finds images and fetches their layers, from the registries that the owner allows. */
public final class Registries {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MOST_TEXT = 4 << 20;
  private static final int MOST_LAYERS = 128;
  private static final long LONGEST_FETCH_MINUTES = 20;
  private static final long MOST_BYTES = 8L << 30;
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
  private static final String ARCHITECTURE =
      System.getProperty("os.arch", "").equals("aarch64") ? "arm64" : "amd64";

  private final Set<String> allowed;
  private final PublicPlaces places;

  /** With these registries, each a host and, when it is not the usual one, a port. */
  Registries(List<String> allowed, PublicPlaces places) {
    this.allowed = Set.copyOf(allowed);
    this.places = places;
  }

  /** Those that the owner of an installation allows. */
  public static Registries of(Installation installation) {
    return new Registries(installation.imageRegistries(), PublicPlaces.of(installation));
  }

  /** Takes the bytes of a layer. */
  public interface Sink {
    /** Reads them to their end; an exception means that nothing was taken. */
    void take(InputStream bytes) throws IOException;
  }

  /** What an image is made of; nothing is fetched yet. */
  public RemoteImage find(Reference image) throws IOException, RegistryException {
    RegistryClient client = client(image);
    byte[] bytes = text(client.manifest(image.version()));
    if (image.version().startsWith("sha256:")) {
      requireDigest(bytes, image.version());
    }
    JsonNode manifest = json(bytes);
    if (manifest.path("manifests").isArray()) {
      String own = choose(manifest.path("manifests"));
      bytes = text(client.manifest(own));
      requireDigest(bytes, own);
      manifest = json(bytes);
    }
    List<Layer> layers = layers(manifest.path("layers"));
    String config = digest(manifest.path("config"));
    byte[] settings = text(client.blob(config));
    requireDigest(settings, config);
    return new RemoteImage(digest(bytes), layers, env(json(settings)));
  }

  /** Fetches a layer; what is not what its digest says is not taken. */
  public void fetch(Reference image, Layer layer, Sink sink) throws IOException, RegistryException {
    CountDownLatch done = new CountDownLatch(1);
    try (InputStream bytes = client(image).blob(layer.digest());
        Checked checked = new Checked(bytes, sha256(), layer)) {
      Thread.ofVirtual().name("pull-limit").start(() -> breakOff(bytes, done));
      sink.take(checked);
    } finally {
      done.countDown();
    }
  }

  /** A registry that stands still must not hold a build up for ever. */
  private static void breakOff(InputStream bytes, CountDownLatch done) {
    try {
      if (!done.await(LONGEST_FETCH_MINUTES, TimeUnit.MINUTES)) {
        bytes.close();
      }
    } catch (IOException | InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  /** Refuses an image of a registry that the owner does not allow. */
  public void requireAllowed(Reference image) throws RegistryException {
    if (!allowed.contains(image.registry())) {
      throw new RegistryException(
          "images of " + image.registry() + " are not allowed here: image_registries");
    }
  }

  private RegistryClient client(Reference image) throws RegistryException {
    requireAllowed(image);
    return new RegistryClient(image, places);
  }

  private static String choose(JsonNode manifests) throws RegistryException {
    for (JsonNode one : manifests) {
      JsonNode platform = one.path("platform");
      if (platform.path("os").asString("").equals("linux")
          && platform.path("architecture").asString("").equals(ARCHITECTURE)) {
        return digest(one);
      }
    }
    throw new RegistryException("the image is not made for Linux on " + ARCHITECTURE);
  }

  private static List<Layer> layers(JsonNode nodes) throws RegistryException {
    if (!nodes.isArray() || nodes.isEmpty() || nodes.size() > MOST_LAYERS) {
      throw new RegistryException("the image has no layers, or more than " + MOST_LAYERS);
    }
    List<Layer> layers = new ArrayList<>();
    long total = 0;
    for (JsonNode node : nodes) {
      String kind = node.path("mediaType").asString("");
      if (kind.endsWith("zstd") || kind.contains("foreign") || kind.contains("nondistributable")) {
        throw new RegistryException("a layer of the form " + kind + " cannot be unpacked");
      }
      long size = node.path("size").asLong(-1);
      total += size;
      if (size < 0 || total > MOST_BYTES) {
        throw new RegistryException("the image is larger than " + MOST_BYTES + " bytes");
      }
      layers.add(new Layer(digest(node), size));
    }
    return layers;
  }

  private static Map<String, String> env(JsonNode config) {
    Map<String, String> env = new LinkedHashMap<>();
    for (JsonNode line : config.path("config").path("Env")) {
      String text = line.asString("");
      int equals = text.indexOf('=');
      if (equals > 0
          && text.length() < 32_768
          && text.indexOf('\0') < 0
          && EnvName.isName(text.substring(0, equals))) {
        env.put(text.substring(0, equals), text.substring(equals + 1));
      }
    }
    return env;
  }

  private static String digest(JsonNode descriptor) throws RegistryException {
    String digest = descriptor.path("digest").asString("");
    if (!DIGEST.matcher(digest).matches()) {
      throw new RegistryException("the registry names a part without a digest");
    }
    return digest;
  }

  private static JsonNode json(byte[] bytes) throws RegistryException {
    try {
      return JSON.readTree(bytes);
    } catch (JacksonException e) {
      throw new RegistryException("the registry does not answer as registries do");
    }
  }

  private static byte[] text(InputStream answer) throws IOException, RegistryException {
    try (answer) {
      byte[] bytes = answer.readNBytes(MOST_TEXT + 1);
      if (bytes.length > MOST_TEXT) {
        throw new RegistryException("the registry's answer is too long");
      }
      return bytes;
    }
  }

  private static void requireDigest(byte[] bytes, String digest) throws RegistryException {
    if (!digest(bytes).equals(digest)) {
      throw new RegistryException("the registry gives something else than was asked for");
    }
  }

  private static String digest(byte[] bytes) {
    return "sha256:" + HexFormat.of().formatHex(sha256().digest(bytes));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Ends well only after as many bytes as were promised, with the digest that was promised. */
  private static final class Checked extends DigestInputStream {
    private final Layer layer;
    private long seen;

    Checked(InputStream bytes, MessageDigest digest, Layer layer) {
      super(bytes, digest);
      this.layer = layer;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      int got = super.read(into, from, length);
      seen += Math.max(0, got);
      if (seen > layer.size()) {
        throw new IOException("a layer is longer than the registry said");
      }
      if (got < 0) {
        String real = "sha256:" + HexFormat.of().formatHex(getMessageDigest().digest());
        if (seen != layer.size() || !real.equals(layer.digest())) {
          throw new IOException("a layer is not what the registry said");
        }
      }
      return got;
    }
  }
}
