package com.atoll.server.keys;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import java.util.List;

/** Service accounts over HTTP. */
final class ServiceAccountsApi {
  private final ServiceAccounts accounts;

  ServiceAccountsApi(ServiceAccounts accounts) {
    this.accounts = accounts;
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        read(Operation.get("/service-accounts"), "list", "Lists service accounts.")
            .list(ServiceAccountView.class)
            .handle(accounts::list),
        write(Operation.post("/service-accounts"), "create", "Makes a service account.")
            .idempotency(Idempotency.KEY)
            .request(NewServiceAccount.class)
            .response(ServiceAccountView.class, Envelope.DATA)
            .status(201)
            .handle(accounts::create),
        write(Operation.patch("/service-accounts/:id"), "update", "Changes a service account.")
            .idempotency(Idempotency.NATURAL)
            .request(NewServiceAccount.Change.class)
            .response(ServiceAccountView.class, Envelope.DATA)
            .errors(ErrorCode.NOT_FOUND)
            .handle(accounts::update),
        write(
                Operation.delete("/service-accounts/:id"),
                "delete",
                "Removes a service account and ends its keys.")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.NOT_FOUND)
            .run(accounts::delete),
        read(Operation.get("/service-accounts/:id/keys"), "list_keys", "Lists its keys.")
            .list(KeyView.class)
            .errors(ErrorCode.NOT_FOUND)
            .handle(accounts::keys),
        write(
                Operation.post("/service-accounts/:id/keys"),
                "create_key",
                "Makes a key for it; its secret is shown once.")
            .idempotency(Idempotency.KEY)
            .request(NewServiceKey.class)
            .response(KeyView.class, Envelope.DATA)
            .status(201)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.WORKSPACE_NOT_FOUND)
            .handle(accounts::createKey));
  }

  private static OperationBuilder<NoBody, NoBody> read(
      OperationBuilder<NoBody, NoBody> declared, String name, String summary) {
    return declared
        .id("keys.service_accounts." + name)
        .summary(summary)
        .priority("P3")
        .scope("keys:read");
  }

  private static OperationBuilder<NoBody, NoBody> write(
      OperationBuilder<NoBody, NoBody> declared, String name, String summary) {
    return declared
        .id("keys.service_accounts." + name)
        .summary(summary)
        .priority("P3")
        .scope("keys:write");
  }
}
