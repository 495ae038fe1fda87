package com.atoll.server.store;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jooq.Configuration;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Result;
import org.jooq.exception.NoDataFoundException;
import org.jooq.exception.TooManyRowsException;
import org.jooq.impl.DefaultDSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A query builder that sends a statement which is mere text with plain values as it stands, in one
 * message with what waits in the pipeline. Everything else it builds as any other does, after what
 * waits.
 */
final class PlainSql extends DefaultDSLContext {
  private static final long serialVersionUID = 1L;

  private static final Set<Class<?>> PLAIN =
      Set.of(
          String.class,
          Integer.class,
          Long.class,
          Short.class,
          Boolean.class,
          Double.class,
          BigDecimal.class,
          OffsetDateTime.class,
          byte[].class,
          String[].class,
          Void.class);

  /** More shapes than the sources have; lists of conditions make some more. */
  private static final int MOST_SHAPES = 4_000;

  /** The columns of an answer follow from the statement and the types of what it is given. */
  private record Shape(String sql, List<Class<?>> types) {}

  private static final Map<Shape, Field<?>[]> COLUMNS = new ConcurrentHashMap<>();

  private final transient Pipeline pipeline;

  PlainSql(Configuration configuration, Pipeline pipeline) {
    super(configuration);
    this.pipeline = pipeline;
  }

  @Override
  public Result<Record> fetch(String sql) {
    return fetch(sql, new Object[0]);
  }

  @Override
  public Result<Record> fetch(String sql, @Nullable Object... values) {
    Shape shape = shape(sql, values);
    return shape == null ? super.fetch(sql, values) : rows(shape, values);
  }

  @Override
  public @Nullable Record fetchOne(String sql) {
    return fetchOne(sql, new Object[0]);
  }

  @Override
  public @Nullable Record fetchOne(String sql, @Nullable Object... values) {
    Result<Record> rows = fetch(sql, values);
    if (rows.size() > 1) {
      throw new TooManyRowsException("expected one row at most, found " + rows.size());
    }
    return rows.isEmpty() ? null : rows.getFirst();
  }

  @Override
  public Record fetchSingle(String sql) {
    return fetchSingle(sql, new Object[0]);
  }

  @Override
  public Record fetchSingle(String sql, @Nullable Object... values) {
    Record row = fetchOne(sql, values);
    if (row == null) {
      throw new NoDataFoundException("expected one row, found none");
    }
    return row;
  }

  @Override
  public Optional<Record> fetchOptional(String sql) {
    return Optional.ofNullable(fetchOne(sql));
  }

  @Override
  public Optional<Record> fetchOptional(String sql, @Nullable Object... values) {
    return Optional.ofNullable(fetchOne(sql, values));
  }

  @Override
  public int execute(String sql) {
    return execute(sql, new Object[0]);
  }

  @Override
  public int execute(String sql, @Nullable Object... values) {
    return shape(sql, values) == null ? super.execute(sql, values) : pipeline.change(sql, values);
  }

  private Result<Record> rows(Shape shape, @Nullable Object... values) {
    AtomicReference<@Nullable Result<Record>> rows = new AtomicReference<>();
    pipeline.add(shape.sql, answer -> rows.set(read(shape, answer)), values);
    pipeline.flush();
    Result<Record> read = rows.get();
    return read == null ? newResult() : read;
  }

  private Result<Record> read(Shape shape, ResultSet answer) throws SQLException {
    Field<?>[] known = COLUMNS.get(shape);
    // Another server of the same database may have added a column to a table that is read whole.
    if (known != null && known.length == answer.getMetaData().getColumnCount()) {
      return fetch(answer, known);
    }
    Result<Record> rows = fetch(answer);
    if (COLUMNS.size() < MOST_SHAPES) {
      COLUMNS.put(shape, rows.fields());
    }
    return rows;
  }

  /** Null where the query builder has to make something of it. */
  private static @Nullable Shape shape(String sql, @Nullable Object... values) {
    if (hasParts(sql)) {
      return null;
    }
    List<Class<?>> types = new ArrayList<>(values.length);
    for (Object value : values) {
      Class<?> type = value == null ? Void.class : value.getClass();
      if (!PLAIN.contains(type)) {
        return null;
      }
      types.add(type);
    }
    return new Shape(sql, types);
  }

  /** Whether it has places for parts, as {@code {0}}. */
  private static boolean hasParts(String sql) {
    for (int at = sql.indexOf('{'); at >= 0; at = sql.indexOf('{', at + 1)) {
      if (at + 1 < sql.length() && Character.isDigit(sql.charAt(at + 1))) {
        return true;
      }
    }
    return false;
  }
}
