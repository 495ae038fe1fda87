package com.atoll.server.files;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Gate;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import com.atoll.server.identity.Principals;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Store;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Temporary links to files and folders, for whoever has them. */
final class LinkApi {
  private static final int USUAL_SECONDS = 3_600;
  static final int LONGEST_SECONDS = 86_400;
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,12}");
  private static final String TOKEN = "tok_";
  private static final String READ = "sandboxes.files.download";

  private final Sandboxes sandboxes;
  private final FileStore files;
  private final Sending sending;
  private final FileLinks links;
  private final Store store;
  private final Gate gate;
  private final Function<String, @Nullable Principal> tokens;

  LinkApi(
      Sandboxes sandboxes,
      FileStore files,
      Sending sending,
      Store store,
      Vault vault,
      Gate gate,
      Function<String, @Nullable Principal> tokens) {
    this.sandboxes = sandboxes;
    this.files = files;
    this.sending = sending;
    this.links = new FileLinks(vault);
    this.store = store;
    this.gate = gate;
    this.tokens = tokens;
  }

  /** What to make a link to. */
  record Export(
      @Doc("Path of a file or folder; a relative one begins at /workspace.") @Nullable String path,
      @Doc(
              value = "Seconds for which the link works; default 3600.",
              min = 1,
              max = LinkApi.LONGEST_SECONDS)
          @Nullable Integer expiresInSec,
      @Doc("Format of the archive of a folder: tar.gz (default), tar or zip.")
          @Nullable String format) {}

  /** A link. */
  record Exported(
      @Doc("Where to get it, without a credential.") String url,
      @Doc(
              "When the link ends; it ends before with its sandbox, and with the key or token that made it.")
          Instant expiresAt,
      @Doc("Absolute path.") String path,
      @Doc("Always true.") boolean success) {}

  List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>();
    for (String family : List.of("fs", "files")) {
      all.add(
          FilesCapability.read(
                  Operation.post("/sandboxes/:id/" + family + "/export"),
                  "sandboxes." + family + ".export",
                  "Makes a temporary link to a file, or to an archive of a folder, that works without a"
                      + " credential.")
              .priority("P3")
              .idempotency(Idempotency.NATURAL)
              .request(Export.class)
              .response(Exported.class, Envelope.FLAT)
              .handle(this::export));
    }
    all.add(
        Operation.get("/file-links")
            .id("file_links.get")
            .summary(
                "Sends the file of a temporary link, or the archive of its folder; ranges of a file.")
            .priority("P3")
            .anyone()
            .query("sandbox", "Id of the sandbox, as the link says.")
            .query("path", "Path, as the link says.")
            .query("format", "Format of an archive, as the link says.")
            .query("key", "Id of the key or token that made it, as the link says.")
            .query("expires", "When it ends, in seconds since 1970, as the link says.")
            .query("signature", "Says that all of it is so.")
            .query("disposition", "attachment (default) or inline.")
            .errors(
                ErrorCode.NOT_FOUND,
                ErrorCode.MISSING_PARAM,
                ErrorCode.VALIDATION_FAILED,
                ErrorCode.INVALID_PARAM,
                ErrorCode.RANGE_NOT_SATISFIABLE,
                ErrorCode.SANDBOX_NOT_RUNNING,
                ErrorCode.FILE_NOT_FOUND,
                ErrorCode.NOT_A_FILE,
                ErrorCode.POLICY_FORBIDS,
                ErrorCode.NOT_IMPLEMENTED,
                ErrorCode.NODE_UNAVAILABLE)
            .raw(Sending.types())
            .otherStatus(206)
            .run(this::send));
    return all;
  }

  private Exported export(Call call, Export body) {
    SandboxPath path = SandboxPath.of(body.path());
    ArchiveFormat format = ArchiveFormat.of(body.format(), null);
    Reach reach = Reach.of(sandboxes, call);
    String sandbox =
        reach.awake(found -> {
          var _ = files.stat(found.id(), path, true);
          return found.id();
        });
    Instant end = end(call.principal(), body.expiresInSec());
    FileLinks.Link link =
        new FileLinks.Link(
            sandbox, call.principal().actor(), end.getEpochSecond(), format.wire(), path.value());
    String url = call.scheme() + "://" + call.host() + "/api/v1/file-links?" + query(link);
    return new Exported(url, end, path.value(), true);
  }

  private String query(FileLinks.Link link) {
    return "sandbox="
        + encoded(link.sandbox())
        + "&path="
        + encoded(link.path())
        + "&format="
        + encoded(link.format())
        + "&key="
        + encoded(link.key())
        + "&expires="
        + link.expires()
        + "&signature="
        + links.signature(link);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private FileLinks.Link opened(Call call) {
    String expires = call.requireQuery("expires");
    if (!SECONDS.matcher(expires).matches()) {
      throw gone();
    }
    // A format is one word: what is signed is read in one way only.
    String format = ArchiveFormat.of(call.requireQuery("format"), null).wire();
    FileLinks.Link link =
        new FileLinks.Link(
            call.requireQuery("sandbox"),
            call.requireQuery("key"),
            Long.parseLong(expires),
            format,
            call.requireQuery("path"));
    boolean opens =
        links.signed(link, call.requireQuery("signature"))
            && link.expires() > Instant.now().getEpochSecond()
            && sandboxes.living(link.sandbox()).isPresent();
    if (!opens) {
      throw gone();
    }
    return link;
  }

  /** A token does not make what outlives it. */
  private static Instant end(Principal principal, @Nullable Integer asked) {
    Duration lasts = Duration.ofSeconds(asked == null ? USUAL_SECONDS : asked);
    return principal.bounded(Instant.now().plus(lasts)).truncatedTo(ChronoUnit.SECONDS);
  }

  private void send(Call call) {
    FileLinks.Link link = opened(call);
    Principal principal = principal(link).orElseThrow(LinkApi::gone);
    gate.require(principal, READ);
    call.setHeader("Cache-Control", "private, no-store");
    Reach reach = new Reach(sandboxes, principal, link.sandbox());
    SandboxPath path = new SandboxPath(link.path());
    // What is at the path may have changed since: it is looked at now.
    if (sending.isFile(reach, path)) {
      sending.file(call, reach, List.of(path));
      return;
    }
    ArchiveFormat format = ArchiveFormat.of(link.format(), null);
    String name = path.name().isEmpty() ? "root" : path.name();
    sending.archive(call, reach, List.of(path), format, name + "." + format.wire());
  }

  /** The key or token that the link was made with, as it is now, while it may read files. */
  private Optional<Principal> principal(FileLinks.Link link) {
    Principal maker =
        link.key().startsWith(TOKEN)
            ? tokens.apply(link.key())
            : store.findSystem(tx -> Principals.ofKey(tx, link.key()));
    return Optional.ofNullable(maker).filter(found -> found.allows("sandboxes:read"));
  }

  private static AtollException gone() {
    return AtollException.of(ErrorCode.NOT_FOUND, "this link, or no longer");
  }
}
