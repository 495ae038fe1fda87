package com.atoll.server.store;

import java.sql.Connection;
import org.jooq.ConnectionProvider;
import org.jooq.DSLContext;
import org.jooq.ExecuteContext;
import org.jooq.ExecuteListener;
import org.jooq.SQLDialect;
import org.jooq.impl.DefaultConfiguration;
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

  /** Builds queries of this role, each of which is sent after what waits in the pipeline. */
  DSLContext on(Connection connection, Pipeline pipeline) {
    return new PlainSql(configuration.derive(new Following(connection, pipeline)), pipeline);
  }

  /** The connection, once what waits has been sent. */
  private record Following(Connection connection, Pipeline pipeline) implements ConnectionProvider {
    @Override
    public Connection acquire() {
      pipeline.flush();
      return connection;
    }

    @Override
    public void release(Connection acquired) {
      // It is the transaction's.
    }
  }

  /** Marks what the query builder made. */
  private record Marking(String mark) implements ExecuteListener {
    @Override
    public void renderEnd(ExecuteContext context) {
      context.sql(mark + context.sql());
    }
  }
}
