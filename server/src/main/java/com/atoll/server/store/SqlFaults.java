package com.atoll.server.store;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What a fault of the database means to a caller. */
public final class SqlFaults {
  private SqlFaults() {}

  static RuntimeException translate(SQLException e) {
    return translate(new DataAccessException(String.valueOf(e.getMessage()), e));
  }

  static RuntimeException translate(DataAccessException e) {
    SQLException sql = e.getCause(SQLException.class);
    if (sql == null) {
      return e;
    }
    if (isConnectionLost(sql)) {
      return AtollException.causedBy(e, ErrorCode.DATABASE_UNAVAILABLE);
    }
    return switch (state(sql)) {
      // Raised by hold_place.
      case "AT001" -> AtollException.causedBy(e, ErrorCode.WORKSPACE_NOT_FOUND, raised(sql));
      case "AT002" -> AtollException.causedBy(e, ErrorCode.PROJECT_NOT_FOUND, raised(sql));
      case "22021", "22P05" ->
          AtollException.causedBy(
              e, ErrorCode.VALIDATION_FAILED, "text holds characters that cannot be stored");
      case "40001", "40P01", "55P03" ->
          AtollException.causedBy(
              e, ErrorCode.CONFLICT, "another request changed the same resource");
      // What is referred to is looked up before: somebody removed it, or came to refer to it,
      // since.
      case "23503" ->
          AtollException.causedBy(
              e, ErrorCode.CONFLICT, "what it refers to, or what refers to it, changed meanwhile");
      case "25P04", "57014" -> AtollException.causedBy(e, ErrorCode.DATABASE_UNAVAILABLE);
      default -> e;
    };
  }

  /**
   * Whether the database was away: what was asked may be asked again, and whether a change took
   * place must be looked up.
   */
  public static boolean isAway(RuntimeException failure) {
    return failure instanceof UnknownOutcomeException
        || (failure instanceof AtollException known
            && known.code() == ErrorCode.DATABASE_UNAVAILABLE);
  }

  static boolean isConnectionLost(SQLException e) {
    String state = state(e);
    return e instanceof SQLTransientConnectionException
        || state.startsWith("08")
        || state.startsWith("57P")
        || state.equals("53300");
  }

  /** Whether the fault is a duplicate in this unique index or constraint. */
  public static boolean isDuplicate(DataAccessException e, String constraint) {
    return "23505".equals(e.sqlState())
        && String.valueOf(e.getMessage()).contains('"' + constraint + '"');
  }

  /** Whether row-level security refused what was to be written. */
  static boolean isRefusedRow(RuntimeException failure) {
    return failure instanceof DataAccessException e && "42501".equals(e.sqlState());
  }

  /** What a function of ours says of what it refuses. */
  private static String raised(SQLException e) {
    ServerErrorMessage message = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
    return message == null ? "" : String.valueOf(message.getMessage());
  }

  private static String state(SQLException e) {
    @Nullable String state = e.getSQLState();
    return state == null ? "" : state;
  }
}
