package com.atoll.server.toolservers;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Ready-made tool servers: data of this release. */
final class Catalogue {
  private final List<Entry> entries;
  private final List<Excluded> excluded;

  /** A field that a method asks for. */
  record Field(
      @Doc("Name; the key of its value.") String name,
      @Doc("What to show for it.") String label,
      @Doc("Whether it is kept encrypted and never shown.") boolean secret,
      @Doc("Whether the server does not work without it.") boolean required,
      @Doc("Where to find the value.") @Nullable String help) {}

  /** A way to connect a server. */
  record Method(
      @Doc("Its name.") String id,
      @Doc("What to show for it.") String label,
      @Doc("streamable_http or stdio.") String transport,
      @Doc("Address; may name values as {{name}}.") @Nullable String url,
      @Doc("Program.") @Nullable String command,
      @Doc("Arguments; may name values as {{name}}.") List<String> args,
      @Doc("Headers; their values name secrets as {{name}}.") Map<String, String> headers,
      @Doc("Variables by the names of the secrets that are their values.") Map<String, String> env,
      @Doc("What it asks for.") List<Field> fields) {}

  /** A ready-made server. */
  record Entry(
      String slug,
      String name,
      String description,
      String category,
      String homepage,
      List<Method> methods) {}

  /** A known server that cannot be installed here. */
  record Excluded(
      @Doc("Its slug.") String slug, @Doc("Its name.") String name, @Doc("Why.") String reason) {}

  private record File(List<Entry> entries, List<Excluded> excluded) {}

  Catalogue() {
    try (InputStream in =
        Objects.requireNonNull(Catalogue.class.getResourceAsStream("/tool-servers.json"))) {
      File file = Json.MAPPER.readValue(in, File.class);
      entries = file.entries();
      excluded = file.excluded();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<Entry> entries() {
    return entries;
  }

  List<Excluded> excluded() {
    return excluded;
  }

  List<String> categories() {
    return entries.stream().map(Entry::category).distinct().sorted().toList();
  }

  Entry require(String slug) {
    return entries.stream()
        .filter(entry -> entry.slug().equals(slug))
        .findFirst()
        .orElseThrow(() -> AtollException.of(ErrorCode.NOT_FOUND, "catalogue entry " + slug));
  }

  static Method method(Entry entry, @Nullable String asked) {
    return entry.methods().stream()
        .filter(method -> asked == null || method.id().equals(asked))
        .findFirst()
        .orElseThrow(() ->
            AtollException.invalid(
                "method",
                "must be one of "
                    + String.join(", ", entry.methods().stream().map(Method::id).toList())));
  }
}
