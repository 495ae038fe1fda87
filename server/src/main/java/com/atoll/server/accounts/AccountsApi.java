package com.atoll.server.accounts;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.identity.KeyAuthenticator;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Store;
import java.util.ArrayList;
import java.util.List;

/** Login and accounts over HTTP. */
public final class AccountsApi implements Capability {
  private final Store store;
  private final Sessions sessions;
  private final Accounts accounts;
  private final Logins logins;
  private final TwoFactor twoFactor;

  /** The accounts of a store. */
  public AccountsApi(Store store, Vault vault, KeyAuthenticator authenticator) {
    this.store = store;
    Passwords passwords = new Passwords();
    sessions = new Sessions(store, authenticator);
    accounts = new Accounts(store, passwords, sessions);
    logins = new Logins(store, passwords, vault);
    twoFactor = new TwoFactor(store, vault, accounts);
  }

  /** Deletes what has ended. */
  public void sweep() {
    sessions.sweep();
  }

  @Override
  public List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>(login());
    all.addAll(account());
    all.addAll(secondFactor());
    return all;
  }

  private List<Operation<?, ?>> login() {
    return List.of(
        open(Operation.post("/auth/login"), "login", "Logs a person in.")
            .request(Requests.Login.class)
            .response(AccountView.LoggedIn.class, Envelope.FLAT_MIRROR)
            .errors(
                ErrorCode.LOGIN_FAILED,
                ErrorCode.TOTP_REQUIRED,
                ErrorCode.NO_CAPACITY,
                ErrorCode.FORBIDDEN)
            .handle(logins::login),
        open(
                Operation.post("/auth/register"),
                "register",
                "Makes an account for an invitation, accepts it and logs in.")
            .request(Requests.Register.class)
            .response(AccountView.LoggedIn.class, Envelope.FLAT_MIRROR)
            .status(201)
            .errors(
                ErrorCode.NOT_FOUND,
                ErrorCode.INVITE_NOT_VALID,
                ErrorCode.CONFLICT,
                ErrorCode.NO_CAPACITY)
            .handle(accounts::register),
        write(Operation.post("/auth/logout"), "logout", "Ends the session.")
            .run(call -> sessions.end(call, call.principal().key().value())),
        write(
                Operation.post("/platform/tenants/:id_or_slug/switch"),
                "switch_organization",
                "Opens a session of the same person in another organization.")
            .response(AccountView.LoggedIn.class, Envelope.DATA)
            .errors(ErrorCode.NOT_FOUND)
            .handle(this::switchTo),
        read("/auth/sessions", "sessions.list", "Lists the sessions of the person.")
            .list(AccountView.Session.class)
            .handle(sessions::list),
        write(Operation.delete("/auth/sessions/:id"), "sessions.end", "Ends a session.")
            .errors(ErrorCode.NOT_FOUND)
            .run(call -> sessions.end(call, call.path("id"))));
  }

  private AccountView.LoggedIn switchTo(Call call) {
    String user = Accounts.person(call);
    return store.system(
        tx -> Sessions.open(tx, call, Accounts.row(tx, user), call.path("id_or_slug")));
  }

  private List<Operation<?, ?>> account() {
    return List.of(
        read("/auth/me", "me", "Reads the account of the person who logged in.")
            .response(AccountView.Me.class, Envelope.FLAT_MIRROR)
            .handle(accounts::me),
        write(Operation.patch("/auth/me"), "update", "Changes name and picture.")
            .request(Requests.Profile.class)
            .response(AccountView.class, Envelope.FLAT_MIRROR)
            .handle(accounts::update),
        write(
                Operation.post("/auth/password"),
                "change_password",
                "Changes the password and ends all other sessions.")
            .request(Requests.Password.class)
            .response(AccountView.Ok.class, Envelope.FLAT)
            .errors(ErrorCode.NO_CAPACITY)
            .handle(accounts::changePassword),
        read("/auth/preferences", "preferences.get", "Reads the preferences of the account.")
            .response(AccountView.Preferences.class, Envelope.FLAT_MIRROR)
            .handle(accounts::preferences),
        write(
                Operation.patch("/auth/preferences"),
                "preferences.set",
                "Lays preferences over those that are there.")
            .request(Requests.Preferences.class)
            .response(AccountView.Preferences.class, Envelope.FLAT_MIRROR)
            .handle(accounts::prefer));
  }

  private List<Operation<?, ?>> secondFactor() {
    return List.of(
        write(Operation.post("/auth/totp"), "totp.begin", "Makes a secret for one-time codes.")
            .request(Requests.Confirmed.class)
            .response(AccountView.TotpSecret.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.CONFLICT, ErrorCode.NO_CAPACITY)
            .handle(twoFactor::begin),
        write(
                Operation.post("/auth/totp/confirm"),
                "totp.confirm",
                "Turns two-factor login on with a first code.")
            .request(Requests.Code.class)
            .response(AccountView.RecoveryCodes.class, Envelope.FLAT_MIRROR)
            .errors(ErrorCode.CONFLICT)
            .handle(twoFactor::confirm),
        write(Operation.post("/auth/totp/disable"), "totp.disable", "Turns two-factor login off.")
            .request(Requests.Confirmed.class)
            .response(AccountView.Ok.class, Envelope.FLAT)
            .errors(ErrorCode.NO_CAPACITY)
            .handle(twoFactor::disable));
  }

  private static OperationBuilder<NoBody, NoBody> open(
      OperationBuilder<NoBody, NoBody> builder, String name, String summary) {
    return builder
        .id("account." + name)
        .summary(summary)
        .priority("P3")
        .anyone()
        .idempotency(Idempotency.NEVER);
  }

  private static OperationBuilder<NoBody, NoBody> read(String path, String name, String summary) {
    return Operation.get(path).id("account." + name).summary(summary).priority("P3").anyScope();
  }

  private static OperationBuilder<NoBody, NoBody> write(
      OperationBuilder<NoBody, NoBody> builder, String name, String summary) {
    return builder
        .id("account." + name)
        .summary(summary)
        .priority("P3")
        .anyScope()
        .idempotency(Idempotency.NEVER);
  }
}
