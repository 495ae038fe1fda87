package com.atoll.server.egress;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Secrets that users consent to at a provider. */
final class OauthApi {
  private static final String PLACEHOLDER = "";

  private final Bounds bounds;
  private final OauthFlows flows;

  OauthApi(Bounds bounds, OauthFlows flows) {
    this.bounds = bounds;
    this.flows = flows;
  }

  /** A provider. */
  record ProviderView(
      @Doc("Name.") String name,
      @Doc("Name for users.") String displayName,
      @Doc("What users are asked for.") List<String> scopes) {}

  /** Providers, under both names that clients read. */
  record ProviderList(
      @Doc("The providers that this installation is set up for.") List<ProviderView> data,
      @Doc("The same.") List<ProviderView> providers) {}

  /** A flow to begin. */
  record Start(
      @Doc(value = "Provider.", min = 1, max = 128) String provider,
      @Doc("user (default), workspace, tenant, external_user or external_workspace.")
          @Nullable String scope,
      @Doc("Variable of the sandbox that will hold the token.") @Nullable String exposeAsEnv,
      @Doc("sandbox, workspace or organization: what the secret will be bound to.")
          @Nullable String resourceType,
      @Doc("Id of the sandbox or workspace.") @Nullable String resourceId,
      @Doc(value = "User.", max = 200) @Nullable String ownerUserId,
      @Doc(value = "The customer's user.", max = 255) @Nullable String externalUserId,
      @Doc(value = "The customer's workspace.", max = 255) @Nullable String externalWorkspaceId,
      @Doc(value = "Where the user goes afterwards; https, or http on loopback.", max = 2048)
          @Nullable String redirectUri) {}

  /** A flow that was begun. */
  record Started(
      @Doc("Where the user consents.") String authorizeUrl,
      @Doc("Names the flow; whoever has it can ask how it stands.") String state,
      @Doc("Provider.") String provider,
      @Doc("When it ends unless the user has consented.") Instant expiresAt) {}

  /** How a flow stands. */
  record StatusView(
      @Doc("pending, completed, failed or expired.") String status,
      @Doc("Names the flow.") String state,
      @Doc("The secret that it led to.") @Nullable String secretId,
      @Doc("Why it failed.") @Nullable String error,
      @Doc("The same in a sentence.") @Nullable String message) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        declare(Operation.get("/egress/oauth/providers"), "providers", "Lists OAuth providers.")
            .response(ProviderList.class, Envelope.FLAT)
            .handle(call -> providers()),
        declare(Operation.post("/egress/oauth/start"), "start", "Begins an OAuth flow.")
            .scope("egress:write")
            .idempotency(Idempotency.NEVER)
            .request(Start.class)
            .response(Started.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.WORKSPACE_NOT_FOUND, ErrorCode.SANDBOX_NOT_FOUND)
            .handle(this::start),
        declare(Operation.get("/egress/oauth/status"), "status", "Tells how a flow stands.")
            .query("state", "Names the flow.")
            .response(StatusView.class, Envelope.FLAT_MIRROR)
            .handle(this::status),
        Operation.get("/egress/oauth/callback")
            .id("egress.oauth.callback")
            .summary("Where providers send browsers back to.")
            .priority("P3")
            .anyone()
            .query("state", "Names the flow.")
            .query("code", "Proves the consent.")
            .query("error", "Why there is none.")
            .errors(ErrorCode.NOT_FOUND)
            .raw("text/html")
            .run(this::callback));
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation
        .id("egress.oauth." + name)
        .summary(summary)
        .priority("P3")
        .scope("egress:read")
        .errors(ErrorCode.NOT_FOUND);
  }

  private ProviderList providers() {
    List<ProviderView> all =
        flows.providers().stream()
            .map(one ->
                new ProviderView(
                    one.name(),
                    Objects.requireNonNullElse(one.displayName(), one.name()),
                    one.scopes() == null ? List.of() : one.scopes()))
            .toList();
    return new ProviderList(all, all);
  }

  private Started start(Call call, Start body) {
    Principal principal = call.principal();
    boolean bound = body.resourceId() != null || body.resourceType() != null;
    if (body.exposeAsEnv() != null && !bound) {
      throw AtollException.invalid("expose_as_env", "needs the resource_id of a sandbox");
    }
    String confined = principal.externalUser();
    OauthFlows.Begun begun =
        flows.begin(
            principal,
            new OauthFlows.Wish(
                body.provider(),
                SecretsApi.scope(body.scope()),
                body.ownerUserId(),
                body.externalWorkspaceId(),
                confined == null ? body.externalUserId() : confined,
                bound
                    ? bounds.binding(
                        principal,
                        PLACEHOLDER,
                        body.resourceType(),
                        body.resourceId(),
                        body.exposeAsEnv())
                    : null,
                returnTo(body.redirectUri())));
    return new Started(
        begun.authorizeUrl(), begun.state(), begun.provider(), begun.expiresAt().toInstant());
  }

  private static @Nullable String returnTo(@Nullable String asked) {
    if (asked == null || asked.isEmpty()) {
      return null;
    }
    try {
      URI url = URI.create(asked);
      String host = url.getHost();
      boolean local =
          "http".equals(url.getScheme())
              && host != null
              && (host.equals("localhost") || host.equals("127.0.0.1"));
      if (host != null && (local || "https".equals(url.getScheme()))) {
        return url.toString();
      }
    } catch (IllegalArgumentException e) {
      throw AtollException.invalid("redirect_uri", "is not a URL");
    }
    throw AtollException.invalid("redirect_uri", "must begin with https://, or be on loopback");
  }

  private StatusView status(Call call) {
    String state = call.query("state");
    if (state == null || state.isEmpty()) {
      throw AtollException.invalid("state", "is required");
    }
    OauthFlows.Standing now = flows.standing(call.principal(), state);
    return new StatusView(now.status(), state, now.secretId(), now.error(), now.error());
  }

  private void callback(Call call) {
    String state = call.query("state");
    String error = call.query("error");
    OauthFlows.Finished finished =
        flows
            .finish(
                state == null ? "" : state,
                call.query("code"),
                error == null ? null : "the provider says: " + error.replaceAll("[^a-z_]", "?"))
            .orElseThrow(() -> AtollException.of(ErrorCode.NOT_FOUND, "OAuth flow"));
    String problem = finished.problem();
    String says =
        problem == null
            ? "Connected to " + finished.flow().provider() + ". You can close this window."
            : "Not connected: " + problem;
    byte[] page = page(says, finished.flow().returnTo()).getBytes(StandardCharsets.UTF_8);
    try (OutputStream out =
        call.raw(
            "text/html; charset=utf-8",
            OptionalLong.of(page.length),
            Map.of(
                "Cache-Control",
                "no-store",
                "Referrer-Policy",
                "no-referrer",
                "Content-Security-Policy",
                "default-src 'none'"))) {
      out.write(page);
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }

  private static String page(String says, @Nullable String returnTo) {
    String on =
        returnTo == null
            ? ""
            : "<meta http-equiv=\"refresh\" content=\"1; url=%1$s\"><p><a href=\"%1$s\">Go on</a>"
                .formatted(escaped(returnTo));
    return "<!doctype html><meta charset=\"utf-8\"><title>Atoll</title><p>" + escaped(says) + on;
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
