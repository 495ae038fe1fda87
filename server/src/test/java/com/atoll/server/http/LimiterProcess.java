package com.atoll.server.http;

import com.atoll.model.KeyId;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.model.Role;
import com.atoll.server.limits.StoredBudgets;
import com.atoll.server.store.Store;
import com.atoll.server.testing.Installations;
import java.nio.file.Path;
import java.time.Clock;

/**
 * A limiter in a process of its own, which a test may kill: asks for one key until it is refused
 * again and again, and prints a line for each request that it admits.
 */
final class LimiterProcess {
  private static final int ENOUGH = 2_000;

  private LimiterProcess() {}

  /** {@code HOME RUN ORG KEY LIMIT}. */
  public static void main(String[] arguments) throws Exception {
    Store store = Store.of(Installations.in(Path.of(arguments[0]), Path.of(arguments[1])));
    store.migrate();
    RateLimiter limiter = new RateLimiter(new StoredBudgets(store), Clock.systemUTC());
    Principal principal =
        new Principal(
            new OrganizationId(arguments[2]),
            new KeyId(arguments[3]),
            Role.USER,
            null,
            Integer.parseInt(arguments[4]),
            null);
    System.out.println("ready");
    var _ = System.in.read();
    for (int refused = 0; refused < ENOUGH; ) {
      RateVerdict verdict = limiter.judge(principal, null, "g");
      if (verdict != null && verdict.admitted()) {
        System.out.println("admitted");
        refused = 0;
      } else {
        refused++;
      }
    }
    Runtime.getRuntime().halt(0);
  }
}
