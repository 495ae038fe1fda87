package com.atoll.server.previews;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import com.atoll.server.sandboxes.Bounds;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Links to ports. */
final class PreviewsApi {
  private static final int HOUR = 3600;

  /** Where gateways have the API answer clients of E2B, whatever listens inside. */
  private static final Set<Integer> TAKEN = Set.of(49_983, 49_999);

  static final int LONGEST = 31_536_000;

  private final Sandboxes sandboxes;
  private final Previews previews;

  PreviewsApi(Sandboxes sandboxes, Previews previews) {
    this.sandboxes = sandboxes;
    this.previews = previews;
  }

  /** A port to show. */
  record Expose(
      @Doc("Port, not 49983 or 49999; default that of the template, else 3000.")
          @Nullable Integer port) {}

  /** A link and what kind it is. */
  record Link(
      @Doc("Where the port is served.") String url,
      @Doc("Same as url.") String previewUrl,
      @Doc("Port inside the sandbox.") int port,
      @Doc("Kind of link.") String urlClass,
      @Doc("Same as url_class.") @JsonProperty("class") String kind,
      @Doc("Whether it stays the same.") boolean stableForEmbedding,
      @Doc("What to do for a durable link.") String recommendedNextAction) {}

  /** A link, with the same again in url_info. */
  record Exposed(
      @Doc("Where the port is served.") String url,
      @Doc("Same as url.") String previewUrl,
      @Doc("Port inside the sandbox.") int port,
      @Doc("Kind of link.") String urlClass,
      @Doc("Same as url_class.") @JsonProperty("class") String kind,
      @Doc("Whether it stays the same.") boolean stableForEmbedding,
      @Doc("What to do for a durable link.") String recommendedNextAction,
      @Doc("Host label of the sandbox.") String aliasSlug,
      @Doc("The same again.") Link urlInfo) {}

  /** A preview to make. */
  record Create(
      @Doc("Port inside the sandbox, not 49983 or 49999.") @Nullable Integer port,
      @Doc(value = "Name.", max = 128) @Nullable String name,
      @Doc("public (default) or private.") @Nullable String visibility,
      @Doc("Seconds until it ends.") @Nullable Integer expiresInSec,
      @Doc("Free data of the caller, at most 65,536 characters of JSON.")
          @Nullable Map<String, Object> metadata,
      @Doc(value = "The customer's workspace.", max = 255) @Nullable String externalWorkspaceId,
      @Doc(value = "The customer's user.", max = 255) @Nullable String externalUserId,
      @Doc(value = "The customer's project.", max = 255) @Nullable String externalProjectId) {}

  /** How long a share lasts. */
  record Share(
      @Doc("Seconds until the token ends; default 3600.")
          @JsonAlias({"expires_in_sec", "expires_in"})
          @Nullable Integer ttlSeconds) {}

  /** A share of a preview: the token is shown this once. */
  record Shared(
      @Doc("The preview.") PreviewView data,
      @Doc("The preview again.") PreviewView preview,
      @Doc("The token.") String previewToken,
      @Doc("The link with the token.") String shareUrl) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        declare(
                Operation.post("/sandboxes/:id/expose"),
                "expose",
                "Gives the link to a port, and opens it again where its previews have ended.")
            .errors(ErrorCode.QUOTA_EXCEEDED)
            .scope("sandboxes:write")
            .idempotency(Idempotency.NATURAL)
            .request(Expose.class)
            .response(Exposed.class, Envelope.FLAT_MIRROR)
            .handle(this::expose),
        declare(Operation.get("/sandboxes/:id/previews"), "previews.list", "Lists previews.")
            .list(PreviewView.class)
            .handle(this::list),
        declare(Operation.post("/sandboxes/:id/previews"), "previews.create", "Makes a preview.")
            .errors(ErrorCode.QUOTA_EXCEEDED)
            .scope("sandboxes:write")
            .idempotency(Idempotency.KEY)
            .request(Create.class)
            .response(PreviewView.class, Envelope.FLAT_MIRROR)
            .status(201)
            .handle(this::create),
        declare(
                Operation.get("/sandboxes/:id/previews/:preview_id"),
                "previews.get",
                "Shows a preview.")
            .errors(ErrorCode.NOT_FOUND)
            .response(PreviewView.class, Envelope.FLAT_MIRROR)
            .handle(call -> {
              Sandbox sandbox = sandbox(call);
              return view(
                  sandbox, previews.get(call.principal(), sandbox, call.path("preview_id")));
            }),
        declare(
                Operation.delete("/sandboxes/:id/previews/:preview_id"),
                "previews.delete",
                "Deletes a preview and ends its tokens; its port is closed until it is opened again, unless another public"
                    + " preview or private one has it.")
            .errors(ErrorCode.NOT_FOUND)
            .priority("P2")
            .scope("sandboxes:write")
            .idempotency(Idempotency.NATURAL)
            .run(call -> previews.delete(call.principal(), sandbox(call), call.path("preview_id"))),
        declare(
                Operation.post("/sandboxes/:id/previews/:preview_id/share"),
                "previews.share",
                "Mints a token that opens a preview; the one before it ends.")
            .errors(ErrorCode.NOT_FOUND, ErrorCode.RESOURCE_STATE)
            .scope("sandboxes:write")
            .idempotency(Idempotency.NEVER)
            .request(Share.class)
            .response(Shared.class, Envelope.FLAT)
            .handle(this::share),
        declare(
                Operation.delete("/sandboxes/:id/previews/:preview_id/share"),
                "previews.unshare",
                "Ends the token of a preview.")
            .errors(ErrorCode.NOT_FOUND)
            .priority("P2")
            .scope("sandboxes:write")
            .idempotency(Idempotency.NATURAL)
            .run(call ->
                previews.unshare(call.principal(), sandbox(call), call.path("preview_id"))));
  }

  static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation
        .id("sandboxes." + name)
        .summary(summary)
        .priority("P1")
        .scope("sandboxes:read")
        .errors(
            ErrorCode.SANDBOX_NOT_FOUND, ErrorCode.SANDBOX_DESTROYED, ErrorCode.NODE_UNAVAILABLE);
  }

  private Sandbox sandbox(Call call) {
    return sandboxes.require(call.principal(), call.path("id"));
  }

  private PreviewView view(Sandbox sandbox, Preview preview) {
    return PreviewView.of(preview, sandboxes.url(sandbox, preview.port()));
  }

  private Exposed expose(Call call, Expose body) {
    Sandbox sandbox = sandbox(call);
    int port =
        port(body.port() == null ? Integer.valueOf(sandboxes.defaultPort(sandbox)) : body.port());
    previews.expose(call.principal(), sandbox, port);
    String url = sandboxes.url(sandbox, port);
    String kind = sandbox.alwaysOn() ? "always_on_preview" : "temporary_preview";
    String next = sandbox.alwaysOn() ? "attach_custom_domain" : "publish_when_ready";
    Link link = new Link(url, url, port, kind, kind, sandbox.alwaysOn(), next);
    return new Exposed(url, url, port, kind, kind, sandbox.alwaysOn(), next, sandbox.slug(), link);
  }

  private Page<PreviewView> list(Call call) {
    Sandbox sandbox = sandbox(call);
    return previews
        .list(call.principal(), sandbox, SharesApi.paging(call))
        .map(preview -> view(sandbox, preview));
  }

  private PreviewView create(Call call, Create body) {
    Sandbox sandbox = sandbox(call);
    String visibility = body.visibility() == null ? "public" : body.visibility();
    if (!visibility.equals("public") && !visibility.equals("private")) {
      throw AtollException.invalid("visibility", "must be public or private");
    }
    Integer seconds = seconds("expires_in_sec", body.expiresInSec());
    OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MILLIS);
    Sandbox.Owner owner = sandbox.owner();
    Preview preview =
        new Preview(
            Ids.next("preview"),
            sandbox.id(),
            sandbox.org().value(),
            body.name(),
            port(body.port()),
            visibility.equals("private"),
            call.principal().key().value(),
            seconds == null ? null : now.plusSeconds(seconds),
            Bounds.metadata(body.metadata()),
            either(body.externalWorkspaceId(), owner.externalWorkspaceId()),
            owner.externalUserId() == null ? body.externalUserId() : owner.externalUserId(),
            either(body.externalProjectId(), owner.externalProjectId()),
            null,
            null,
            1,
            now,
            now);
    Preview created =
        previews.create(
            call.principal(),
            sandbox,
            preview,
            sandboxes.url(sandbox, preview.port()),
            (tx, stored) -> call.idempotentAnswer(tx, view(sandbox, stored), stored.id()));
    return view(sandbox, created);
  }

  private Shared share(Call call, Share body) {
    Sandbox sandbox = sandbox(call);
    String id = call.path("preview_id");
    Integer asked = seconds("ttl_seconds", body.ttlSeconds());
    Preview before = previews.get(call.principal(), sandbox, id);
    PreviewToken token =
        PreviewToken.mint(
            call.principal(),
            PreviewToken.Kind.SHARE,
            sandbox.id(),
            id,
            before.port(),
            "interact",
            asked == null ? HOUR : asked);
    PreviewView view = view(sandbox, previews.share(call.principal(), sandbox, id, token));
    return new Shared(view, view, token.value(), view.url() + "?preview_token=" + token.value());
  }

  static int port(@Nullable Integer port) {
    if (port == null || port < 1 || port > 65_535) {
      throw AtollException.invalid("port", "must be between 1 and 65535");
    }
    if (TAKEN.contains(port)) {
      throw AtollException.invalid(
          "port", "must be another than 49983 and 49999, at which clients of E2B reach the API");
    }
    return port;
  }

  static @Nullable Integer seconds(String field, @Nullable Integer seconds) {
    if (seconds != null && (seconds < 1 || seconds > LONGEST)) {
      throw AtollException.invalid(field, "must be between 1 and " + LONGEST);
    }
    return seconds;
  }

  private static @Nullable String either(@Nullable String asked, @Nullable String otherwise) {
    return asked == null ? otherwise : asked;
  }
}
