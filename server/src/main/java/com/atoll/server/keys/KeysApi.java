package com.atoll.server.keys;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.StoredAnswers;
import com.atoll.server.identity.KeyAuthenticator;
import com.atoll.server.members.MembershipEnd;
import com.atoll.server.store.Store;
import com.atoll.server.tokens.ScopeNames;
import java.util.ArrayList;
import java.util.List;

/** API keys over HTTP. */
public final class KeysApi implements Capability {
  private static final String READ = "keys:read";
  private static final String WRITE = "keys:write";

  private final Keys keys;
  private final Presets presets;
  private final ServiceAccountsApi serviceAccounts;

  /**
   * The keys of a store.
   *
   * @param names the names that scopes of keys may have
   */
  public KeysApi(
      Store store, StoredAnswers answers, KeyAuthenticator authenticator, ScopeNames names) {
    KeyRules rules = new KeyRules(names);
    KeyTable table = new KeyTable(authenticator);
    keys = new Keys(store, answers, table, rules);
    presets = new Presets(store, rules);
    serviceAccounts =
        new ServiceAccountsApi(new ServiceAccounts(store, answers, keys, table, rules));
  }

  /** The keys of people, which end with their membership. */
  public MembershipEnd ofMembers() {
    return keys::revokeOf;
  }

  @Override
  public List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>(main());
    all.addAll(presets());
    all.addAll(serviceAccounts.operations());
    return all;
  }

  private List<Operation<?, ?>> main() {
    return List.of(
        read(Operation.get("/api-keys"), "keys.list", "Lists the keys of the organization.", "P1")
            .list(KeyView.class)
            .query("mode", "Only keys of this mode: live or test.")
            .handle(call -> keys.list(call)),
        write(
                Operation.post("/api-keys"),
                "keys.create",
                "Makes a key; its secret is shown once.",
                "P1")
            .idempotency(Idempotency.KEY)
            .request(NewKey.class)
            .response(KeyView.class, Envelope.DATA)
            .status(201)
            .handle(keys::create),
        read(Operation.get("/api-keys/:id"), "keys.get", "Reads a key.", "P1")
            .response(KeyView.class, Envelope.DATA)
            .errors(ErrorCode.NOT_FOUND)
            .handle(keys::get),
        write(
                Operation.patch("/api-keys/:id"),
                "keys.update",
                "Renames, rescopes or disables a key.",
                "P2")
            .idempotency(Idempotency.NATURAL)
            .request(KeyChange.class)
            .response(KeyView.class, Envelope.DATA)
            .errors(ErrorCode.NOT_FOUND)
            .handle(keys::update),
        write(Operation.delete("/api-keys/:id"), "keys.delete", "Revokes a key at once.", "P1")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.NOT_FOUND)
            .run(keys::revoke),
        write(
                Operation.post("/api-keys/:id/rotate"),
                "keys.rotate",
                "Gives a key a new secret; the old one ends at once, or after the overlap.",
                "P2")
            .idempotency(Idempotency.KEY)
            .request(Rotation.class)
            .response(KeyView.class, Envelope.DATA)
            .errors(ErrorCode.NOT_FOUND)
            .handle(keys::rotate),
        read(
                Operation.get("/api-keys/:id/events"),
                "keys.events",
                "Lists what happened to a key.",
                "P2")
            .list(KeyEventView.class)
            .query("type", "Only events of this type.")
            .errors(ErrorCode.NOT_FOUND)
            .handle(keys::events),
        write(
                Operation.post("/api-keys/scoped"),
                "keys.create_scoped",
                "Makes a key that acts for one end user and sees nothing else.",
                "P2")
            .idempotency(Idempotency.KEY)
            .request(ScopedKey.class)
            .response(KeyView.class, Envelope.DATA)
            .status(201)
            .handle(keys::createScoped));
  }

  private List<Operation<?, ?>> presets() {
    return List.of(
        read(
                Operation.get("/api-keys/presets"),
                "keys.presets.list",
                "Lists named lists of scopes.",
                "P2")
            .list(PresetView.class)
            .handle(presets::list),
        write(
                Operation.post("/api-keys/presets"),
                "keys.presets.create",
                "Keeps a list of scopes.",
                "P2")
            .ofWholeOrganization()
            .idempotency(Idempotency.KEY)
            .request(NewPreset.class)
            .response(PresetView.class, Envelope.DATA)
            .status(201)
            .errors(ErrorCode.NAME_TAKEN)
            .handle(presets::create),
        write(
                Operation.delete("/api-keys/presets/:name"),
                "keys.presets.delete",
                "Forgets a list of scopes.",
                "P2")
            .ofWholeOrganization()
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN)
            .run(presets::delete));
  }

  private static OperationBuilder<NoBody, NoBody> read(
      OperationBuilder<NoBody, NoBody> declared, String id, String summary, String priority) {
    return declared.id(id).summary(summary).priority(priority).scope(READ);
  }

  private static OperationBuilder<NoBody, NoBody> write(
      OperationBuilder<NoBody, NoBody> declared, String id, String summary, String priority) {
    return declared.id(id).summary(summary).priority(priority).scope(WRITE);
  }
}
