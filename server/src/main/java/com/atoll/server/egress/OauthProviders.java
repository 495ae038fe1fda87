package com.atoll.server.egress;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The providers that the owner set up, from a file of the installation that is read at each use; of
 * the well-known ones only what the provider gave the owner must be in it.
 */
final class OauthProviders {
  private static final Logger LOG = LoggerFactory.getLogger(OauthProviders.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final TypeReference<List<OauthProvider>> LIST = new TypeReference<>() {};
  private static final Map<String, OauthProvider> KNOWN = known();

  private final Path file;

  OauthProviders(Path file) {
    this.file = file;
  }

  private static Map<String, OauthProvider> known() {
    Map<String, OauthProvider> known = new TreeMap<>();
    try (InputStream data = OauthProviders.class.getResourceAsStream("/oauth-providers.json")) {
      JSON.readValue(Objects.requireNonNull(data), LIST).forEach(one -> known.put(one.name(), one));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return known;
  }

  /** Those that a flow can be begun with, by name. */
  List<OauthProvider> list() {
    try {
      return JSON.readValue(Files.readAllBytes(file), LIST).stream()
          .map(one -> KNOWN.containsKey(one.name()) ? one.or(KNOWN.get(one.name())) : one)
          .filter(OauthProvider::complete)
          .sorted((a, b) -> a.name().compareTo(b.name()))
          .toList();
    } catch (NoSuchFileException none) {
      return List.of();
    } catch (IOException | JacksonException unreadable) {
      LOG.warn("{} is not read: {}", file.getFileName(), unreadable.getMessage());
      return List.of();
    }
  }

  /** The one of this name. */
  OauthProvider require(String name) {
    return list().stream()
        .filter(one -> one.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            AtollException.of(
                ErrorCode.NOT_FOUND, "OAuth provider " + name + " in this installation"));
  }
}
