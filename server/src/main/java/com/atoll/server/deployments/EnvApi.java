package com.atoll.server.deployments;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import com.atoll.server.http.Page;
import com.atoll.server.store.Tx;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/** The environment of a deployment's processes. */
final class EnvApi {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
  private static final Pattern ENVIRONMENT = Pattern.compile("[a-z][a-z0-9_-]{0,31}");
  private static final int LONGEST_VALUE = 32 << 10;
  private static final int MOST = 500;

  private final Tables tables;

  EnvApi(Tables tables) {
    this.tables = tables;
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/deployments/:id/env")
            .id("deployments.env.list")
            .summary("Lists the variables of a deployment, their values masked.")
            .priority("P2")
            .scope(DeploymentsApi.READ)
            .query("environment", "Environment; default production.")
            .list(EnvView.class)
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND)
            .handle(this::list),
        Operation.post("/deployments/:id/env")
            .id("deployments.env.set")
            .summary("Sets variables; processes that start from now on have them.")
            .priority("P2")
            .scope(DeploymentsApi.WRITE)
            .idempotency(Idempotency.NATURAL)
            .request(SetEnv.class)
            .list(EnvView.class)
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND, ErrorCode.QUOTA_EXCEEDED)
            .handle((call, body) -> set(call, body)),
        Operation.delete("/deployments/:id/env/:key")
            .id("deployments.env.unset")
            .summary("Removes a variable.")
            .priority("P3")
            .scope(DeploymentsApi.WRITE)
            .idempotency(Idempotency.NATURAL)
            .query("environment", "Environment; default production.")
            .errors(ErrorCode.DEPLOYMENT_NOT_FOUND, ErrorCode.NOT_FOUND)
            .run(this::unset));
  }

  private static String environment(Call call) {
    String asked = call.query("environment");
    if (asked != null && !ENVIRONMENT.matcher(asked).matches()) {
      throw AtollException.of(ErrorCode.INVALID_PARAM, "environment");
    }
    return asked == null ? "production" : asked;
  }

  private Page<EnvView> list(Call call) {
    String environment = environment(call);
    return tables
        .store()
        .transaction(
            call.principal(),
            tx -> page(tx, tables.deployments().require(tx, call.path("id")).id(), environment));
  }

  private Page<EnvView> page(Tx tx, String deployment, String environment) {
    return Page.whole(
        tables.env().list(tx, deployment, environment).stream()
            .map(e -> new EnvView(e.key(), e.preview(), e.environment(), Views.at(e.updatedAt())))
            .toList());
  }

  private Page<EnvView> set(Call call, SetEnv asked) {
    Map<String, String> variables = new LinkedHashMap<>();
    if (asked.env() != null) {
      variables.putAll(asked.env());
    }
    if (asked.key() != null) {
      if (asked.value() == null) {
        throw AtollException.invalid("value", "is required with key");
      }
      variables.put(asked.key(), asked.value());
    }
    if (variables.isEmpty()) {
      throw AtollException.invalid("env", "is required");
    }
    variables.forEach(EnvApi::check);
    String environment = Objects.requireNonNullElse(asked.environment(), "production");
    return tables
        .store()
        .transaction(
            call.principal(),
            tx -> {
              String id = tables.deployments().require(tx, call.path("id")).id();
              Deployment changed = tables.deployments().changed(tx, id, "");
              variables.forEach((key, value) -> tables.env().put(tx, id, environment, key, value));
              Page<EnvView> all = page(tx, id, environment);
              if (all.items().size() > MOST) {
                throw AtollException.of(ErrorCode.QUOTA_EXCEEDED, MOST + " variables");
              }
              tables
                  .deployments()
                  .tell(
                      tx,
                      changed,
                      "deployment.env_changed",
                      Map.of("keys", List.copyOf(variables.keySet()), "environment", environment));
              return all;
            });
  }

  private static void check(String key, String value) {
    if (!NAME.matcher(key).matches()) {
      throw AtollException.invalid(
          "env",
          "has a name that is not of letters, digits and underscores: "
              + Publisher.shortened(key, 40));
    }
    boolean bad =
        value == null
            || value.indexOf('\0') >= 0
            || value.getBytes(StandardCharsets.UTF_8).length > LONGEST_VALUE;
    if (bad) {
      throw AtollException.invalid(
          "env." + key, "must be text of at most " + LONGEST_VALUE + " bytes");
    }
  }

  private void unset(Call call) {
    String environment = environment(call);
    String key = call.rawPath("key");
    tables
        .store()
        .execute(
            call.principal(),
            tx -> {
              String id = tables.deployments().require(tx, call.path("id")).id();
              Deployment changed = tables.deployments().changed(tx, id, "");
              if (!tables.env().remove(tx, id, environment, key)) {
                throw AtollException.of(
                    ErrorCode.NOT_FOUND, "variable " + Publisher.shortened(key, 40));
              }
              tables
                  .deployments()
                  .tell(
                      tx,
                      changed,
                      "deployment.env_changed",
                      Map.of("keys", List.of(key), "environment", environment));
            });
  }
}
