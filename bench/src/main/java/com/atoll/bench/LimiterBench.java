package com.atoll.bench;

import com.atoll.model.KeyId;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.model.Role;
import com.atoll.server.http.RateLimiter;
import com.atoll.server.limits.StoredBudgets;
import com.atoll.server.store.Store;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a decision of the limiter costs, in two processes that share the budgets of their keys. */
final class LimiterBench implements Benchmark {
  private static final int ORGANIZATIONS = 100;
  private static final int LIMIT = 600;
  private static final String DECISION = "a decision";
  private static final String QUESTION = "a question to the database";

  @Override
  public Report run(Setup setup) throws Exception {
    Report report = new Report("limiter").promise(DECISION).baseline(QUESTION);
    try (OwnPlatform own = new OwnPlatform(setup);
        Store other = Store.of(own.installation())) {
      other.migrate();
      Store store = own.platform().store();
      List<RateLimiter> processes =
          List.of(
              new RateLimiter(new StoredBudgets(store), Clock.systemUTC()),
              new RateLimiter(new StoredBudgets(other), Clock.systemUTC()));
      decide(processes, principals(own, 5), new Samples());
      long processor = own.processorNanos();
      List<Principal> principals = principals(own, setup.count(ORGANIZATIONS));
      long made = own.processorNanos() - processor;
      int admitted = decide(processes, principals, report.row(DECISION));
      int decisions = report.row(DECISION).count();
      report.remark(
          String.format(
              Locale.ROOT,
              "%d decisions for %d keys with %d requests a minute each, at two processes by turns: %d admitted;"
                  + " %.3f ms of processor time each (both and the database).",
              decisions,
              principals.size(),
              LIMIT,
              admitted,
              (own.processorNanos() - processor - made) / 1e6 / decisions));
      if (admitted > principals.size() * LIMIT) {
        throw new IllegalStateException(admitted + " were admitted");
      }
      for (int i = 0; i < setup.count(2_000); i++) {
        report.row(QUESTION).time(() -> store.executeSystem(tx -> {}));
      }
    }
    return report;
  }

  private static List<Principal> principals(OwnPlatform own, int count) throws Exception {
    List<Principal> principals = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = "limiter " + count + ' ' + i;
      var _ = own.organization(name);
      OrganizationId org = new OrganizationId(own.org(name));
      principals.add(new Principal(org, KeyId.next(), Role.USER, null, LIMIT, null));
    }
    return principals;
  }

  /** All that each key may, and a tenth more, which is refused. */
  private static int decide(
      List<RateLimiter> processes, List<Principal> principals, Samples samples) {
    int admitted = 0;
    for (int i = 0; i < LIMIT + LIMIT / 10; i++) {
      for (Principal principal : principals) {
        RateLimiter process = processes.get(i % processes.size());
        long began = System.nanoTime();
        var verdict = process.judge(principal, null, "bench");
        samples.add(System.nanoTime() - began);
        admitted += verdict != null && verdict.admitted() ? 1 : 0;
      }
    }
    return admitted;
  }
}
