package com.atoll.server.store;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.platform.Installation;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;

/**
 * The one way to the database. Row-level security confines each transaction to the organization it
 * was opened for: a query needs no condition of its own for that, and cannot forget it.
 */
public final class Store implements AutoCloseable {
  private static final int CONNECTIONS = 24;

  // Every transaction begins with it. The driver sends what follows in the same message only where
  // the answer is of bounded length, as a truth value is and a text is not.
  private static final String CONFINE =
      """
      select set_config('role', ?, true) || set_config('atoll.org', ?, true)
        || set_config('atoll.external_user', ?, true) || set_config('atoll.workspace', ?, true)
        || set_config('atoll.sandboxes', ?, true) is not null\
      """;

  static {
    System.setProperty("org.jooq.no-logo", "true");
    System.setProperty("org.jooq.no-tips", "true");
  }

  private final Database database;
  private final Migrations migrations;
  private final @Nullable Notices notices;
  private final List<Consumer<Tx.Written>> eventListeners = new CopyOnWriteArrayList<>();

  private Store(Supplier<DatabaseAddress> address, boolean shared, Path restored) {
    database = new Database(address, CONNECTIONS);
    migrations = new Migrations(database, restored);
    notices = shared ? new Notices(database) : null;
  }

  /** The store of an installation. Nothing is opened yet. */
  public static Store of(Installation installation) {
    return new Store(
        () -> DatabaseAddress.of(installation),
        installation.databaseUrl() != null,
        installation.home().resolve("server/rows"));
  }

  /** Brings the schema up to date, trying until the database answers, in the background. */
  public void start() {
    migrations.start();
  }

  /** Brings the schema up to date now. */
  public void migrate() throws SQLException, IOException {
    migrations.run();
  }

  /** Whether the schema is up to date and the database answers. */
  public boolean ready() {
    if (!migrations.done()) {
      return false;
    }
    try (Connection connection = database.connect()) {
      boolean valid = connection.isValid(2);
      connection.rollback();
      return valid;
    } catch (SQLException e) {
      return false;
    }
  }

  /**
   * What a transaction sees.
   *
   * @param org the organization; null for the system, which sees all
   */
  private record View(
      @Nullable OrganizationId org,
      @Nullable String externalUser,
      String workspace,
      String sandboxes) {
    static final View SYSTEM = new View(null, null, "", "");

    static View of(OrganizationId org) {
      return new View(org, null, "", "");
    }

    static View of(Principal principal) {
      String workspace = principal.workspace();
      Set<String> sandboxes = principal.sandboxes();
      return new View(
          principal.org(),
          principal.externalUser(),
          workspace == null ? "" : workspace,
          sandboxes == null ? "" : String.join(",", sandboxes));
    }

    /**
     * A row that may not be written is what a confined credential asked for; to any other it
     * happens by mistake of ours.
     */
    RuntimeException explained(RuntimeException failed) {
      boolean confined = externalUser != null || !workspace.isEmpty() || !sandboxes.isEmpty();
      return confined && SqlFaults.isRefusedRow(failed)
          ? AtollException.causedBy(
              failed, ErrorCode.FORBIDDEN, "it lies outside of what the credential reaches")
          : failed;
    }
  }

  /** Work inside a transaction. */
  @FunctionalInterface
  public interface Work<T> {
    /** Does it. */
    T run(Tx tx);
  }

  /** Work inside a transaction that may find nothing. */
  @FunctionalInterface
  public interface Search<T> {
    /** Does it. */
    @Nullable T run(Tx tx);
  }

  /** Work inside a transaction that yields nothing. */
  @FunctionalInterface
  public interface Action {
    /** Does it. */
    void run(Tx tx);
  }

  /** Runs a transaction of a principal: its organization, and its external user when it has one. */
  public <T> T transaction(Principal principal, Work<T> work) {
    return Objects.requireNonNull(run(View.of(principal), work::run));
  }

  /** Runs a transaction of one organization. */
  public <T> T transaction(OrganizationId org, Work<T> work) {
    return Objects.requireNonNull(run(View.of(org), work::run));
  }

  /** Runs a transaction of a principal that may find nothing. */
  public <T> @Nullable T find(Principal principal, Search<T> search) {
    return run(View.of(principal), search);
  }

  /** Runs a transaction of one organization that may find nothing. */
  public <T> @Nullable T find(OrganizationId org, Search<T> search) {
    return run(View.of(org), search);
  }

  /** Runs a transaction of a principal that yields nothing. */
  public void execute(Principal principal, Action action) {
    run(View.of(principal), nothing(action));
  }

  /** Runs a transaction of one organization that yields nothing. */
  public void execute(OrganizationId org, Action action) {
    run(View.of(org), nothing(action));
  }

  /** Runs a transaction that sees all organizations: for background work, never for a request. */
  public <T> T system(Work<T> work) {
    return Objects.requireNonNull(run(View.SYSTEM, work::run));
  }

  /** Runs a transaction that sees all organizations and may find nothing. */
  public <T> @Nullable T findSystem(Search<T> search) {
    return run(View.SYSTEM, search);
  }

  /** Runs a transaction that sees all organizations and yields nothing. */
  public void executeSystem(Action action) {
    run(View.SYSTEM, nothing(action));
  }

  /**
   * Calls back, at once and on the committing thread, when this process has committed events, with
   * the last of them; and soon after another server of the same database has.
   */
  public void onEvents(Consumer<Tx.Written> listener) {
    eventListeners.add(listener);
  }

  /** Begins to hear of what other servers of the same database write, and to tell them. */
  public void shareEvents() {
    if (notices != null) {
      notices.start(this::announce);
    }
  }

  private void announce(Tx.Written last) {
    eventListeners.forEach(listener -> listener.accept(last));
  }

  private static Search<Void> nothing(Action action) {
    return tx -> {
      action.run(tx);
      return null;
    };
  }

  private <T> @Nullable T run(View view, Search<T> work) {
    if (!migrations.done()) {
      throw AtollException.of(ErrorCode.DATABASE_UNAVAILABLE);
    }
    Tx tx;
    @Nullable T result;
    try (Connection connection = database.connect()) {
      Wording wording = view.org() == null ? Wording.SYSTEM : Wording.TENANT;
      Pipeline pipeline = new Pipeline(connection, wording);
      confine(pipeline, view);
      tx = new Tx(pipeline, wording.on(connection, pipeline), view.org(), view.externalUser());
      try {
        result = work.run(tx);
        tx.keepTrail();
      } catch (Throwable e) {
        rollback(connection, e);
        throw e;
      }
      commit(pipeline, connection);
    } catch (SQLException e) {
      throw view.explained(SqlFaults.translate(e));
    } catch (DataAccessException e) {
      throw view.explained(SqlFaults.translate(e));
    }
    tx.trailKept();
    Tx.Written last = tx.lastEvent();
    if (last != null) {
      announce(last);
      if (notices != null) {
        notices.written(last);
      }
    }
    tx.actionsAfterCommit().forEach(Runnable::run);
    return result;
  }

  private static void confine(Pipeline pipeline, View view) {
    OrganizationId org = view.org();
    String externalUser = view.externalUser();
    pipeline.add(
        CONFINE,
        null,
        org == null ? "atoll_system" : "atoll_app",
        org == null ? "" : org.value(),
        externalUser == null ? "" : externalUser,
        view.workspace(),
        view.sandboxes());
  }

  private static void commit(Pipeline pipeline, Connection connection) throws SQLException {
    try {
      pipeline.commit();
    } catch (SQLException e) {
      if (SqlFaults.isConnectionLost(e)) {
        throw new UnknownOutcomeException(e);
      }
      rollback(connection, e);
      throw e;
    }
  }

  private static void rollback(Connection connection, Throwable cause) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  @Override
  public void close() {
    migrations.close();
    if (notices != null) {
      notices.close();
    }
    database.close();
  }
}
