package com.atoll.server.budgets;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import com.atoll.server.identity.Operators;
import com.atoll.server.store.Store;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether new work is taken at all; what runs goes on. */
final class MaintenanceApi {
  private final Store store;
  private final Limits limits;
  private final Operators operators;

  MaintenanceApi(Store store, Limits limits, Operators operators) {
    this.store = store;
    this.limits = limits;
    this.operators = operators;
  }

  /** How it is to be. */
  record Switch(
      @Doc("Whether new sandboxes are refused.") boolean enabled,
      @Doc(value = "What those are told who are refused.", max = 500) @Nullable String message) {}

  /** How it is. */
  record State(
      @Doc("Whether new sandboxes are refused.") boolean enabled,
      @Doc("What those are told who are refused.") @Nullable String message) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/admin/maintenance")
            .id("maintenance.get")
            .summary("Says whether new work is taken.")
            .priority("P3")
            .anyScope()
            .response(State.class, Envelope.FLAT_MIRROR)
            .handle(call -> state()),
        Operation.put("/admin/maintenance")
            .id("maintenance.set")
            .summary("Has new sandboxes refused in the whole installation, or taken again.")
            .priority("P3")
            .anyScope()
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.FORBIDDEN)
            .request(Switch.class)
            .response(State.class, Envelope.FLAT_MIRROR)
            .handle(this::set));
  }

  private State state() {
    String message = store.findSystem(Limits::maintenance);
    return new State(message != null, message);
  }

  private State set(Call call, Switch wanted) {
    operators.require(call.principal(), "maintenance");
    String message = wanted.message() == null ? "maintenance" : wanted.message();
    store.executeSystem(tx -> {
      if (wanted.enabled()) {
        tx.sql()
            .execute(
                """
                insert into maintenance (org, message) values ('', ?)
                on conflict (org) do update set message = excluded.message\
                """,
                message);
      } else {
        tx.sql().execute("delete from maintenance where org = ''");
      }
    });
    limits.changed(null);
    return state();
  }
}
