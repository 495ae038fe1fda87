package com.atoll.server.store;

import java.sql.Connection;
import org.jooq.DSLContext;
import org.jooq.ExecuteContext;
import org.jooq.ExecuteListener;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.jooq.impl.DefaultConfiguration;
import org.jooq.impl.DefaultConnectionProvider;
import org.jooq.impl.DefaultExecuteListenerProvider;

/**
 * The two roles word their statements differently. A plan of a table with row security belongs to
 * the role that made it: one statement that both roles use on one connection would be planned anew
 * at each change, which takes ten times as long as running it.
 */
final class Wording {
  /** What one organization asks. */
  static final Wording TENANT = new Wording("");

  /** What the system asks. */
  static final Wording SYSTEM = new Wording("/* system */ ");

  private final String mark;
  private final DefaultConfiguration configuration = new DefaultConfiguration();

  private Wording(String mark) {
    this.mark = mark;
    configuration.set(SQLDialect.POSTGRES);
    if (!mark.isEmpty()) {
      configuration.set(new DefaultExecuteListenerProvider(new Marking(mark)));
    }
  }

  /** A statement of this role. */
  String of(String statement) {
    return mark + statement;
  }

  /** Builds queries of this role. */
  DSLContext on(Connection connection) {
    return DSL.using(configuration.derive(new DefaultConnectionProvider(connection)));
  }

  /** Marks what the query builder made. */
  private record Marking(String mark) implements ExecuteListener {
    @Override
    public void renderEnd(ExecuteContext context) {
      context.sql(mark + context.sql());
    }
  }
}
