package com.atoll.node.registries;

import com.atoll.node.registries.RemoteImage.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** What manifests and indexes of images say, as far as this machine can run it. */
final class Manifests {
  private static final int MOST_LAYERS = 128;
  private static final long MOST_BYTES = 8L << 30;
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
  private static final Pattern VARIANT = Pattern.compile("v([0-9]{1,2})([._][0-9]{1,2})?");
  private static final String ARCHITECTURE =
      System.getProperty("os.arch", "").equals("aarch64") ? "arm64" : "amd64";

  private static final Set<String> LAYERS =
      Set.of(
          "application/vnd.oci.image.layer.v1.tar",
          "application/vnd.oci.image.layer.v1.tar+gzip",
          "application/vnd.docker.image.rootfs.diff.tar",
          "application/vnd.docker.image.rootfs.diff.tar.gzip");

  private Manifests() {}

  /**
   * The manifest for this machine, or the index that may hold it. Of several variants the one that
   * asks for the least of a processor: it runs on every one.
   */
  static String choose(JsonNode manifests) throws RegistryException {
    JsonNode best = null;
    int least = Integer.MAX_VALUE;
    for (JsonNode one : manifests) {
      int rank = rank(one);
      if (rank < least) {
        best = one;
        least = rank;
      }
    }
    if (best == null) {
      throw new RegistryException("the image is not made for Linux on " + ARCHITECTURE);
    }
    return digest(best);
  }

  private static int rank(JsonNode descriptor) {
    JsonNode platform = descriptor.path("platform");
    if (platform.isMissingNode() || platform.isNull()) {
      boolean index =
          descriptor.path("mediaType").asString("").matches(".*\\.(index\\.v1|list\\.v2)\\+json");
      return index ? Integer.MAX_VALUE - 1 : Integer.MAX_VALUE;
    }
    if (!platform.path("os").asString("").equals("linux")
        || !platform.path("architecture").asString("").equals(ARCHITECTURE)) {
      return Integer.MAX_VALUE;
    }
    String variant = platform.path("variant").asString("");
    Matcher number = VARIANT.matcher(variant);
    if (variant.isEmpty()) {
      return 0;
    }
    return number.matches() ? Integer.parseInt(number.group(1)) : Integer.MAX_VALUE;
  }

  /** Refuses what the settings of an image say is for another machine. */
  static void requireRuns(JsonNode settings) throws RegistryException {
    String os = settings.path("os").asString("linux");
    String architecture = settings.path("architecture").asString(ARCHITECTURE);
    if (!os.equals("linux") || !architecture.equals(ARCHITECTURE)) {
      throw new RegistryException(
          "the image is made for %s on %s, and not for Linux on %s"
              .formatted(os, architecture, ARCHITECTURE));
    }
  }

  static List<Layer> layers(JsonNode nodes) throws RegistryException {
    if (!nodes.isArray() || nodes.isEmpty() || nodes.size() > MOST_LAYERS) {
      throw new RegistryException("the image has no layers, or more than " + MOST_LAYERS);
    }
    List<Layer> layers = new ArrayList<>();
    long total = 0;
    for (JsonNode node : nodes) {
      String kind = node.path("mediaType").asString("");
      if (!LAYERS.contains(kind)) {
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

  static String digest(JsonNode descriptor) throws RegistryException {
    String digest = descriptor.path("digest").asString("");
    if (!DIGEST.matcher(digest).matches()) {
      throw new RegistryException("the registry names a part without a digest");
    }
    return digest;
  }
}
