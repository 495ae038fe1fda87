package com.atoll.server.templates;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.node.v1.BuildFilesRef;
import com.atoll.node.v1.OpenBuildFilesRequest;
import com.atoll.server.files.FileStore;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeStream;
import com.atoll.server.secrets.Vault;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Files that steps of builds copy into images. */
final class BuildFilesApi {
  static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,128}");
  private static final long LARGEST = 1L << 30;
  private static final Duration LINK_LASTS = Duration.ofHours(1);

  private final NodeClient node;
  private final UploadLinks links;

  BuildFilesApi(NodeClient node, Vault vault) {
    this.node = node;
    this.links = new UploadLinks(vault);
  }

  /** Files to upload. */
  record NewFiles(
      @Doc(
              value =
                  "Their name, of A-Z, a-z, 0-9, _ and -: what changes with them, as a hash does.",
              max = 128)
          String name) {}

  /** Files that steps can copy. */
  record FilesView(
      @Doc("Their name.") String name,
      @Doc("Whether they are here already.") boolean present,
      @Doc("Bytes of their archive, when they are here.") @Nullable Long sizeBytes,
      @Doc("Where to PUT their archive, a tar or tar.gz of at most 1 GiB, without a credential.")
          String uploadUrl,
      @Doc("Until when.") Instant expiresAt) {}

  /** Files that have come. */
  record Uploaded(
      @Doc("Their name.") String name, @Doc("Bytes of their archive.") long sizeBytes) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.post("/sandbox-template-files")
            .id("templates.files")
            .summary("Says where files can be uploaded that a step of a build copies.")
            .priority("P3")
            .scope("sandboxes:write")
            .ofWholeOrganization()
            .idempotency(Idempotency.NATURAL)
            .readOnly()
            .errors(ErrorCode.NODE_UNAVAILABLE)
            .request(NewFiles.class)
            .response(FilesView.class, Envelope.FLAT_MIRROR)
            .handle((call, body) -> link(call, body.name())),
        Operation.put("/sandbox-template-files/:token")
            .id("templates.upload_files")
            .summary("Takes the archive of files that a step of a build copies.")
            .priority("P3")
            .anyone()
            .idempotency(Idempotency.NATURAL)
            .rawRequest(LARGEST)
            .errors(
                ErrorCode.NOT_FOUND,
                ErrorCode.TOO_LARGE,
                ErrorCode.NO_CAPACITY,
                ErrorCode.NODE_UNAVAILABLE)
            .response(Uploaded.class, Envelope.FLAT_MIRROR)
            .handle(this::upload));
  }

  private FilesView link(Call call, String name) {
    if (!NAME.matcher(name).matches()) {
      throw AtollException.invalid("name", "must have 1 to 128 of A-Z, a-z, 0-9, _ and -");
    }
    OrganizationId org = call.principal().org();
    Instant end = call.principal().bounded(Instant.now().plus(LINK_LASTS));
    Long size = size(org, name);
    String token = links.of(new UploadLinks.Link(org.value(), name, end.getEpochSecond()));
    String url = call.scheme() + "://" + call.host() + "/api/v1/sandbox-template-files/" + token;
    return new FilesView(name, size != null, size, url, end);
  }

  private @Nullable Long size(OrganizationId org, String name) {
    try {
      return node.templates()
          .getBuildFiles(BuildFilesRef.newBuilder().setScope(org.value()).setName(name).build())
          .getSizeBytes();
    } catch (AtollException refused) {
      if (refused.code() == ErrorCode.NOT_FOUND) {
        return null;
      }
      throw refused;
    }
  }

  private Uploaded upload(Call call) {
    try {
      return uploadBody(call);
    } catch (AtollException refused) {
      // A client that still sends would miss why.
      call.discardBody();
      throw refused;
    }
  }

  private Uploaded uploadBody(Call call) {
    UploadLinks.Link link =
        links
            .open(call.rawPath("token"))
            .filter(open -> open.expiresAt() >= Instant.now().getEpochSecond())
            .orElseThrow(() -> AtollException.of(ErrorCode.NOT_FOUND, "this link, or no longer"));
    long size = call.bodyLength().orElse(0);
    if (size < 1) {
      throw AtollException.withMessage(
          ErrorCode.INVALID_REQUEST, "The archive must not be empty, and Content-Length says it.");
    }
    if (size > LARGEST) {
      throw AtollException.withMessage(
          ErrorCode.TOO_LARGE, "Files of a step have at most 1 GiB, packed.");
    }
    OpenBuildFilesRequest request =
        OpenBuildFilesRequest.newBuilder()
            .setScope(link.org())
            .setName(link.name())
            .setSize(size)
            .build();
    try (InputStream body = call.body();
        NodeStream stream = node.redeem(node.templates().openBuildFiles(request))) {
      return new Uploaded(link.name(), FileStore.send(body, stream));
    } catch (IOException broken) {
      throw AtollException.causedBy(broken, ErrorCode.NODE_UNAVAILABLE);
    }
  }
}
