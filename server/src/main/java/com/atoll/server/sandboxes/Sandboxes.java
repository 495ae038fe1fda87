package com.atoll.server.sandboxes;

import com.atoll.model.Principal;
import com.atoll.server.store.Tx;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/** What other capabilities may ask of sandboxes. */
public interface Sandboxes {
  /**
   * The sandbox with this id or slug, in whatever state; an error when the principal sees none, or
   * when it is destroyed.
   */
  Sandbox require(Principal principal, String reference);

  /**
   * Does something with a sandbox that runs: a paused one is woken first, also when it turns out to
   * be paused only on the machine. Counts as activity.
   */
  <T> T awake(Principal principal, String reference, Function<Sandbox, T> work);

  /**
   * Does something with a sandbox if it runs, and refuses otherwise with SANDBOX_NOT_RUNNING:
   * nothing is woken, and the message says so of a paused one. For what only looks; asking again
   * and again does not count as activity here.
   */
  <T> T look(Principal principal, String reference, Function<Sandbox, T> work);

  /** The sandbox as it is stored, also a destroyed one. */
  Sandbox stored(Principal principal, String reference);

  /**
   * The living sandbox with this id or slug, whoever owns it: only for a caller that then asks for
   * a proof that is bound to this very sandbox.
   */
  Optional<Sandbox> anybodys(String reference);

  /** All sandboxes that run, of every organization: background work only. */
  List<Sandbox> running();

  /** Stops the compute of a sandbox and keeps its files; nothing when it does not run. */
  void pause(Sandbox sandbox);

  /** Does this with a sandbox that is about to lose its machine, by a pause or its end. */
  void beforeEnd(Consumer<Sandbox> action);

  /**
   * Does this with a sandbox whose machine has paused or ended by itself, as when its time was
   * over; its row does not say so yet.
   */
  void afterEnd(Consumer<Sandbox> action);

  /**
   * A transaction changed the row of a sandbox besides: it is read again when that is committed.
   */
  void changed(Tx tx, String id);

  /**
   * Does this, beside the calls, with each sandbox that is to start the app of its template and
   * whose machine has started or goes on.
   */
  void startApps(Consumer<Sandbox> starter);

  /** Whether the app of its template is started with each new machine of a sandbox. */
  boolean startsApp(Sandbox sandbox);

  /** Has the app of its template started with each new machine of a sandbox from now on. */
  void startAppFromNow(Sandbox sandbox);

  /** How the app of the template of a sandbox runs; one without a start when it has none. */
  TemplateApp app(Sandbox sandbox);

  /** What its owner calls the template of a sandbox. */
  String templateSlug(Sandbox sandbox);

  /** The link to a port of a sandbox, with a slash at its end. */
  String url(Sandbox sandbox, int port);

  /** The port that a sandbox is shown at when nobody names one. */
  int defaultPort(Sandbox sandbox);

  /** A living sandbox, whoever owns it. */
  Optional<Sandbox> living(String id);

  /** Has the guards of these sandboxes compared with the policies. */
  void recheck(Predicate<Sandbox> which);

  /**
   * Sets a variable that is never shown and that no copy of the sandbox has; commands that start
   * from now on see it.
   */
  void lend(Sandbox sandbox, String name, String value);

  /** Takes a lent variable back with the transaction of the caller; the machine hears of it. */
  void withdraw(Tx tx, Sandbox sandbox, String name);

  /** Tells machines of withdrawn variables that could not be told yet. */
  void tellWithdrawn();

  /** Tells which ports of a sandbox are exposed and private, after that was committed. */
  void ports(String sandboxId, Ports ports);
}
