package com.atoll.node.registries;

import com.atoll.model.EnvName;
import com.atoll.node.registries.RemoteImage.Layer;
import com.atoll.platform.Installation;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Finds images and fetches their layers, from the registries that the owner allows. */
public final class Registries {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MOST_TEXT = 4 << 20;
  private static final int DEEPEST_INDEX = 3;
  private static final Duration LONGEST_FETCH = Duration.ofMinutes(20);

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

  /**
   * What an image is made of; nothing is fetched yet.
   *
   * @param cancelled ends it before its time
   */
  public RemoteImage find(Reference image, CountDownLatch cancelled)
      throws IOException, RegistryException {
    RegistryClient client = client(image, cancelled);
    byte[] bytes = client.text(client.manifest(image.version()), MOST_TEXT);
    if (image.version().startsWith("sha256:")) {
      requireDigest(bytes, image.version());
    }
    JsonNode manifest = json(bytes);
    for (int i = 0; i < DEEPEST_INDEX && manifest.path("manifests").isArray(); i++) {
      String own = Manifests.choose(manifest.path("manifests"));
      bytes = client.text(client.manifest(own), MOST_TEXT);
      requireDigest(bytes, own);
      manifest = json(bytes);
    }
    List<Layer> layers = Manifests.layers(manifest.path("layers"));
    String config = Manifests.digest(manifest.path("config"));
    byte[] settings = client.text(client.blob(config), MOST_TEXT);
    requireDigest(settings, config);
    JsonNode said = json(settings);
    Manifests.requireRuns(said);
    return new RemoteImage(digest(bytes), layers, env(said));
  }

  /** Fetches a layer; what is not what its digest says is not taken. */
  public void fetch(Reference image, Layer layer, Sink sink, CountDownLatch cancelled)
      throws IOException, RegistryException {
    try (InputStream bytes = client(image, cancelled).blob(layer.digest());
        Checked checked = new Checked(bytes, sha256(), layer);
        BreakOff limit = BreakOff.after(LONGEST_FETCH, cancelled, bytes)) {
      try {
        sink.take(checked);
      } catch (IOException e) {
        throw limit.isBroken() ? RegistryClient.tooSlow(e) : e;
      }
    }
  }

  /** Refuses an image of a registry that the owner does not allow. */
  public void requireAllowed(Reference image) throws RegistryException {
    if (!allowed.contains(image.registry())) {
      throw new RegistryException(
          "images of " + image.registry() + " are not allowed here: image_registries");
    }
  }

  private RegistryClient client(Reference image, CountDownLatch cancelled)
      throws RegistryException {
    requireAllowed(image);
    return new RegistryClient(image, places, cancelled);
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

  private static JsonNode json(byte[] bytes) throws RegistryException {
    try {
      return JSON.readTree(bytes);
    } catch (JacksonException e) {
      throw new RegistryException("the registry does not answer as registries do");
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
