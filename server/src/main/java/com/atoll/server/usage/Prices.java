package com.atoll.server.usage;

import com.atoll.model.Shape;
import com.atoll.platform.Installation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What things cost: {@code prices.json} of the installation, or the one that comes with the server.
 * One credit is one cent; sums are kept in millionths of a credit.
 */
public final class Prices {
  /** Millionths of a credit. */
  public static final long CREDIT = 1_000_000;

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final double CREDITS_OF_A_DOLLAR = 100;

  private final Map<Dimension, Price> prices = new EnumMap<>(Dimension.class);

  /** A price: so many dollars for so many units. */
  public record Price(double usd, double per) {}

  private Prices(JsonNode document) {
    for (Map.Entry<String, JsonNode> entry : document.path("prices").properties()) {
      double usd = entry.getValue().path("usd").asDouble();
      double per = entry.getValue().path("per").asDouble(1);
      if (usd < 0 || per <= 0) {
        throw new IllegalArgumentException("the price of " + entry.getKey() + " is not one");
      }
      prices.put(Dimension.of(entry.getKey()), new Price(usd, per));
    }
  }

  /** The prices of an installation. */
  public static Prices of(Installation installation) {
    Path file = installation.home().resolve("prices.json");
    try (InputStream in =
        Files.exists(file)
            ? Files.newInputStream(file)
            : Objects.requireNonNull(Prices.class.getResourceAsStream("prices.json"))) {
      return new Prices(JSON.readTree(in.readAllBytes()));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(file + " cannot be read", unreadable);
    }
  }

  /** The price of a dimension; nothing when it has none. */
  public Price of(Dimension dimension) {
    return prices.getOrDefault(dimension, new Price(0, 1));
  }

  /** Millionths of a credit for so many least units. */
  public long micros(Dimension dimension, long quantity) {
    Price price = of(dimension);
    return Math.round(
        dimension.amount(quantity) / price.per() * price.usd() * CREDITS_OF_A_DOLLAR * CREDIT);
  }

  /** Millionths of a credit for a sandbox of this shape that runs so long. */
  public long running(Shape shape, long milliseconds) {
    return running(milliseconds, milliseconds * shape.cpus(), milliseconds * shape.memoryMb());
  }

  /** The same for one that had so many CPUs and MiB, each times milliseconds, in that time. */
  public long running(long milliseconds, long vcpuMs, long memoryMbMs) {
    return micros(Dimension.SANDBOX_SECONDS, milliseconds)
        + micros(Dimension.SANDBOX_VCPU_SECONDS, vcpuMs)
        + micros(Dimension.SANDBOX_MEMORY_GB_SECONDS, memoryMbMs);
  }
}
