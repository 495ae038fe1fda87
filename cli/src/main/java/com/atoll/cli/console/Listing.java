package com.atoll.cli.console;

import com.atoll.cli.console.Output.Column;

/** A command that shows a table. */
public abstract class Listing extends ApiCommand {
  private final String path;
  private final String whenEmpty;
  private final String[] columns;

  /** Shows these fields of what the path lists. */
  protected Listing(Session session, String path, String whenEmpty, String... columns) {
    super(session);
    this.path = path;
    this.whenEmpty = whenEmpty;
    this.columns = columns.clone();
  }

  /** What is asked for besides, such as {@code &state=paused}. */
  protected String query() {
    return "";
  }

  @Override
  public final Integer call() {
    output().table(api().get(path + query()), Column.of(columns), whenEmpty);
    return 0;
  }
}
