package com.atoll.cli.console;

import com.atoll.cli.http.Api;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** A command that calls the API. */
@Command(
    mixinStandardHelpOptions = true,
    synopsisHeading = "%n",
    optionListHeading = "%nOptions:%n")
public abstract class ApiCommand implements Callable<Integer> {
  private final Session session;

  /** Works in this session. */
  protected ApiCommand(Session session) {
    this.session = session;
  }

  /** The API. */
  protected final Api api() {
    return session.api();
  }

  /** Where results go. */
  protected final Output output() {
    return session.output();
  }

  /** The session itself, for helpers. */
  protected final Session session() {
    return session;
  }

  /** Does it; answers the exit code. */
  @Override
  public abstract Integer call();
}
