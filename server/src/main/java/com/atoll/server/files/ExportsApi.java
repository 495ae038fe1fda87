package com.atoll.server.files;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import com.atoll.server.sandboxes.Sandboxes;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Hands out files as a bundle. */
final class ExportsApi {
  private static final int MOST = 1000;

  private final Sandboxes sandboxes;
  private final FileStore files;
  private final Sending sending;

  ExportsApi(Sandboxes sandboxes, FileStore files, Sending sending) {
    this.sandboxes = sandboxes;
    this.files = files;
    this.sending = sending;
  }

  /** What to hand out. */
  record Export(
      @Doc("A path.") @Nullable String path,
      @Doc("Several paths.") @Nullable List<String> paths,
      @Doc("Label to show.") @Nullable String label,
      @Doc("Name of the archive; its ending names the format that none is asked for.")
          @Nullable String filename,
      @Doc("Format of the archive: tar.gz (default), tar or zip.") @Nullable String format) {}

  /** One file of a bundle. */
  record Exported(
      @Doc("Absolute path.") String path,
      @Doc("Last part of the path.") String filename,
      @Doc("Where to get it, with the same credential.") String downloadUrl) {}

  /** A bundle. */
  record Bundle(
      @Doc("Id.") String id,
      @Doc("Its sandbox.") String sandboxId,
      @Doc("Label.") @Nullable String label,
      @Doc("Always ready.") String status,
      @Doc("Its files.") List<Exported> files,
      @Doc("Where to get all of it, with the same credential.") String archiveDownloadUrl,
      @Doc("When it was made.") Instant createdAt) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        FilesCapability.read(
                Operation.post("/sandboxes/:id/exports"),
                "sandboxes.exports.create",
                "Makes links to files and to an archive of them.")
            .priority("P3")
            .idempotency(Idempotency.NATURAL)
            .request(Export.class)
            .response(Bundle.class, Envelope.FLAT_MIRROR)
            .status(201)
            .handle(this::create),
        FilesCapability.read(
                Operation.get("/sandboxes/:id/exports/download"),
                "sandboxes.exports.download",
                "Sends one file as it is, several or a folder as an archive.")
            .priority("P3")
            .query("path", "A path.")
            .query("paths", "Several paths, separated by commas.")
            .query(
                "filename",
                "Name of the archive; its ending names the format that none is asked for.")
            .query("format", "Format of the archive: tar.gz (default), tar or zip.")
            .errors(ErrorCode.VALIDATION_FAILED, ErrorCode.NOT_IMPLEMENTED)
            .raw(Sending.types())
            .otherStatus(206)
            .errors(ErrorCode.RANGE_NOT_SATISFIABLE)
            .run(this::download));
  }

  private Bundle create(Call call, Export body) {
    List<String> asked = new ArrayList<>();
    if (body.path() != null) {
      asked.add(body.path());
    }
    if (body.paths() != null) {
      asked.addAll(body.paths());
    }
    List<SandboxPath> paths = paths(asked);
    var _ = ArchiveFormat.of(body.format(), body.filename());
    return sandboxes.awake(
        call.principal(),
        call.path("id"),
        sandbox -> {
          String base =
              call.scheme()
                  + "://"
                  + call.host()
                  + "/api/v1/sandboxes/"
                  + sandbox.id()
                  + "/exports/download?";
          List<Exported> exported = new ArrayList<>();
          for (SandboxPath path : paths) {
            files.stat(sandbox.id(), path, true);
            exported.add(
                new Exported(path.value(), path.name(), base + "path=" + encode(path.value())));
          }
          String all =
              paths.stream()
                  .map(path -> "paths%5B%5D=" + encode(path.value()))
                  .collect(Collectors.joining("&", base, ""));
          return new Bundle(
              Ids.next("exp"),
              sandbox.id(),
              body.label(),
              "ready",
              exported,
              all + named("filename", body.filename()) + named("format", body.format()),
              Instant.now());
        });
  }

  private void download(Call call) {
    List<String> asked = new ArrayList<>();
    for (String name : List.of("path", "paths", "paths[]")) {
      for (String value : call.queries(name)) {
        asked.addAll(name.equals("paths") ? Arrays.asList(value.split(",", -1)) : List.of(value));
      }
    }
    List<SandboxPath> paths = paths(asked);
    String name = call.query("filename");
    ArchiveFormat format = ArchiveFormat.of(call.query("format"), name);
    Reach reach = Reach.of(sandboxes, call);
    if (paths.size() == 1 && sending.isFile(reach, paths.getFirst())) {
      sending.file(call, reach, paths);
      return;
    }
    String shown = name == null || name.isBlank() ? "export." + format.wire() : name;
    sending.archive(call, reach, paths, format, shown);
  }

  private static String named(String parameter, @Nullable String value) {
    return value == null ? "" : "&" + parameter + "=" + encode(value);
  }

  private static List<SandboxPath> paths(List<String> asked) {
    if (asked.isEmpty() || asked.size() > MOST) {
      throw AtollException.invalid("paths", "must be 1 to " + MOST);
    }
    return asked.stream().map(SandboxPath::of).toList();
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
