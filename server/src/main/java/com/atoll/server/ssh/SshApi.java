package com.atoll.server.ssh;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.store.Store;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is needed to come by SSH, and the keys that may. */
final class SshApi {
  private static final int USUAL_SECONDS = 900;
  private static final int LONGEST_SECONDS = 3600;
  private static final int PORT = 22;
  private static final String USER = "root";

  private final Store store;
  private final Sandboxes sandboxes;
  private final Issuer issuer;

  SshApi(Store store, Sandboxes sandboxes, Issuer issuer) {
    this.store = store;
    this.sandboxes = sandboxes;
    this.issuer = issuer;
  }

  /** A key to sign. */
  record Certify(
      @Doc(value = "Public key, as in a .pub file of OpenSSH.", max = SshKey.LONGEST)
          String publicKey,
      @Doc(
              value =
                  "Seconds for which it lets in, not after a scoped token that asks; default 900.",
              min = 1,
              max = LONGEST_SECONDS)
          @Nullable Integer ttlSeconds) {}

  /** A key to authorize. */
  record Authorize(
      @Doc(value = "Public key, as in a .pub file of OpenSSH.", max = SshKey.LONGEST)
          String publicKey) {}

  /** A signed key. */
  record Certified(
      @Doc("Certificate: what a -cert.pub file holds.") String certificate,
      @Doc("Key of the authority that signed it.") String caPublicKey,
      @Doc("The one principal that it is for.") String principal,
      @Doc("When it ends.") Instant expiresAt,
      @Doc("Serial number.") String serial,
      @Doc("Fingerprint of the signed key.") String fingerprint,
      @Doc("User to log in as.") String user) {}

  /** How certificates are had. */
  record Certificates(
      @Doc("Always true.") boolean available,
      @Doc("Where a public key is signed.") String url,
      @Doc("The principal that they are for.") String principal,
      @Doc("Key of the authority.") String caPublicKey,
      @Doc("Seconds for which one lets in when nothing is asked for.") int defaultTtlSeconds,
      @Doc("Seconds at most.") int maxTtlSeconds) {}

  /** How to connect. */
  record Info(
      @Doc("Host name to give to ssh: the id of the sandbox.") String host,
      @Doc("Port to give to ssh; nothing listens on it.") int port,
      @Doc("User to log in as.") String user,
      @Doc("WebSocket that carries the bytes, with the same credential.") String tunnelUrl,
      @Doc("Program for ProxyCommand.") String proxyCommand,
      @Doc("Host key, as in a .pub file; a fork has another one.") String hostKey,
      @Doc("Its fingerprint.") String hostKeyFingerprint,
      @Doc("Lines for a known_hosts file: the authority, and the key itself.")
          List<String> knownHosts,
      @Doc("How certificates are had.") Certificates certificates) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        declare(Operation.get("/sandboxes/:id/ssh-info"), "info", "Says how to connect by SSH.")
            .response(Info.class, Envelope.FLAT_MIRROR)
            .handle(this::info),
        declare(
                Operation.post("/sandboxes/:id/ssh-certificates"),
                "certify",
                "Signs a public key, so that it opens this sandbox for some minutes.")
            .idempotency(Idempotency.KEY)
            .request(Certify.class)
            .response(Certified.class, Envelope.FLAT_MIRROR)
            .handle(this::certify),
        declare(Operation.get("/sandboxes/:id/ssh-keys"), "keys.list", "Lists authorized keys.")
            .list(AuthorizedKey.class)
            .handle(this::list),
        declare(
                Operation.post("/sandboxes/:id/ssh-keys"),
                "keys.add",
                "Authorizes a public key; one that is authorized already is answered again.")
            .idempotency(Idempotency.NATURAL)
            .request(Authorize.class)
            .response(AuthorizedKey.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.CONFLICT)
            .handle(this::authorize),
        declare(
                Operation.delete("/sandboxes/:id/ssh-keys/:key_id"),
                "keys.remove",
                "Ends the authorization of a key; connections that it opened stay.")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.NOT_FOUND)
            .run(this::remove));
  }

  static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation
        .id("sandboxes.ssh." + name)
        .summary(summary)
        .priority("P2")
        .scope("sandboxes:exec")
        .outside()
        .errors(ErrorCode.SANDBOX_NOT_FOUND, ErrorCode.SANDBOX_DESTROYED);
  }

  private Sandbox sandbox(Call call) {
    return sandboxes.require(call.principal(), call.path("id"));
  }

  private Info info(Call call) {
    Sandbox sandbox = sandbox(call);
    Issuer.Keys keys = store.transaction(call.principal(), tx -> issuer.keys(tx, sandbox.id()));
    SshKey host = keys.host().key("");
    String authority = keys.authority().key("").line();
    String path = call.host() + "/api/v1/sandboxes/" + sandbox.id();
    boolean secure = call.scheme().equals("https");
    return new Info(
        sandbox.id(),
        PORT,
        USER,
        (secure ? "wss://" : "ws://") + path + "/ssh-tunnel",
        "atoll ssh-proxy %h",
        host.line(),
        host.fingerprint(),
        List.of(
            "@cert-authority " + sandbox.id() + " " + authority, sandbox.id() + " " + host.line()),
        new Certificates(
            true,
            call.scheme() + "://" + path + "/ssh-certificates",
            Issuer.principal(sandbox.id()),
            authority,
            USUAL_SECONDS,
            LONGEST_SECONDS));
  }

  private Certified certify(Call call, Certify body) {
    Sandbox sandbox = sandbox(call);
    SshKey key = SshKey.parse(body.publicKey());
    int seconds = body.ttlSeconds() == null ? USUAL_SECONDS : body.ttlSeconds();
    return store.transaction(
        call.principal(),
        tx -> {
          Issuer.Issued issued = issuer.user(tx, sandbox, call.principal(), key, seconds);
          Certified view =
              new Certified(
                  issued.certificate().line(),
                  issued.authority().line(),
                  Issuer.principal(sandbox.id()),
                  issued.before(),
                  Long.toString(issued.certificate().serial()),
                  key.fingerprint(),
                  USER);
          call.idempotentAnswer(tx, view, sandbox.id());
          return view;
        });
  }

  private Page<AuthorizedKey> list(Call call) {
    Sandbox sandbox = sandbox(call);
    return Page.whole(
        store.transaction(call.principal(), tx -> AuthorizedKey.Table.of(tx, sandbox.id())));
  }

  private AuthorizedKey authorize(Call call, Authorize body) {
    Sandbox sandbox = sandbox(call);
    SshKey key = SshKey.parse(body.publicKey());
    return store.transaction(call.principal(), tx -> AuthorizedKey.Table.add(tx, sandbox, key));
  }

  private void remove(Call call) {
    Sandbox sandbox = sandbox(call);
    String id = call.path("key_id");
    store.execute(call.principal(), tx -> AuthorizedKey.Table.remove(tx, sandbox, id));
  }
}
