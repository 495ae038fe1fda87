package com.atoll.node.archive;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * How a bucket is reached, as the owner wrote it.
 *
 * @param endpoint base URL of the service; buckets are the first part of its paths
 * @param region that requests are signed for; null for us-east-1
 * @param accessKeyId who asks
 * @param secretAccessKey what proves it
 */
record S3Settings(
    String endpoint,
    @Nullable String region,
    @JsonProperty("access_key_id") String accessKeyId,
    @JsonProperty("secret_access_key") String secretAccessKey) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Set<PosixFilePermission> OPEN =
      Set.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  /** Reads the file, which nobody else may read. */
  static S3Settings read(Path file) throws IOException {
    try {
      if (Files.getPosixFilePermissions(file).stream().anyMatch(OPEN::contains)) {
        throw new IOException(file + " can be read by others: chmod 600 it");
      }
      S3Settings settings = JSON.readValue(Files.readAllBytes(file), S3Settings.class);
      if (settings.endpoint() == null
          || settings.accessKeyId() == null
          || settings.secretAccessKey() == null) {
        throw new IOException(file + " needs endpoint, access_key_id and secret_access_key");
      }
      URI base = URI.create(settings.endpoint());
      if (base.getHost() == null || !String.valueOf(base.getScheme()).matches("https?")) {
        throw new IOException(file + ": endpoint is no http or https URL");
      }
      return settings;
    } catch (NoSuchFileException missing) {
      throw new IOException("there is no " + file, missing);
    } catch (JacksonException | IllegalArgumentException e) {
      throw new IOException(file + " is not what it should be", e);
    }
  }

  String signedRegion() {
    return region == null || region.isEmpty() ? "us-east-1" : region;
  }

  @Override
  public String toString() {
    return endpoint;
  }
}
