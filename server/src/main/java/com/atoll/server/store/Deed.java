package com.atoll.server.store;

import com.atoll.model.OrganizationId;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a request does, for the audit log: who asks, from where, for which action. It is known to
 * the thread of the request and to those that it starts, so no capability carries it around.
 */
public final class Deed {
  // Work that a request starts on a thread of its own is still the deed of who asked.
  private static final InheritableThreadLocal<@Nullable Deed> CURRENT =
      new InheritableThreadLocal<>();

  private final OrganizationId org;
  private final Actor actor;
  private final Origin origin;
  private final String action;
  private final boolean changes;
  private final @Nullable Consumer<Deed> keeper;
  private final AtomicBoolean written = new AtomicBoolean();
  private volatile Subject subject;

  /**
   * Who asks.
   *
   * @param type {@code api_key}, {@code token} or {@code user}
   * @param id id of the credential
   * @param chain who delegated to it, the key first; empty when nobody did
   */
  public record Actor(String type, String id, List<String> chain) {}

  /** From where: the address of the peer, its client, and the id of the request. */
  public record Origin(@Nullable String address, @Nullable String client, String requestId) {}

  /** What it is done to, and whom that belongs to. */
  public record Subject(
      @Nullable String type,
      @Nullable String id,
      @Nullable String workspace,
      @Nullable String project,
      @Nullable String externalWorkspace,
      @Nullable String externalUser,
      @Nullable String externalProject) {
    /** Something whose owner is not known. */
    public static Subject of(@Nullable String type, @Nullable String id) {
      return new Subject(type, id, null, null, null, null, null);
    }
  }

  /**
   * A deed.
   *
   * @param changes whether a record of it must exist once it is done
   * @param keeper writes the record at once when what is changed lies outside the database; null
   *     when the record goes into the transaction that makes the change
   */
  public Deed(
      OrganizationId org,
      Actor actor,
      Origin origin,
      String action,
      Subject subject,
      boolean changes,
      @Nullable Consumer<Deed> keeper) {
    this.org = org;
    this.actor = actor;
    this.origin = origin;
    this.action = action;
    this.subject = subject;
    this.changes = changes;
    this.keeper = keeper;
  }

  /** The same, of which no record needs to exist: for what is decided before it begins. */
  public Deed beforehand() {
    return new Deed(org, actor, origin, action, subject, false, null);
  }

  /** Does something as this deed. */
  public <T> T during(Callable<T> work) throws Exception {
    Deed before = CURRENT.get();
    CURRENT.set(this);
    try {
      return work.call();
    } finally {
      if (before == null) {
        CURRENT.remove();
      } else {
        CURRENT.set(before);
      }
    }
  }

  /** Says what the present request is about, once that was found; nothing outside of one. */
  public static void about(Subject subject) {
    Deed deed = CURRENT.get();
    if (deed != null) {
      deed.subject = subject;
      if (deed.keeper != null && deed.isMissing()) {
        deed.keeper.accept(deed);
      }
    }
  }

  /**
   * Tells, on any thread and later, the id of what the present request is about; null outside of
   * one, and where it is about nothing.
   */
  public static Supplier<@Nullable String> subjectOfPresent() {
    Deed deed = CURRENT.get();
    return () -> deed == null ? null : deed.subject.id();
  }

  static @Nullable Deed current() {
    return CURRENT.get();
  }

  /** Whether its record must still be written. */
  public boolean isMissing() {
    return changes && !written.get();
  }

  /** Takes the duty to write the record; true for the first who asks. */
  boolean take() {
    return changes && written.compareAndSet(false, true);
  }

  void written() {
    written.set(true);
  }

  void notWritten() {
    written.set(false);
  }

  OrganizationId org() {
    return org;
  }

  Actor actor() {
    return actor;
  }

  Origin origin() {
    return origin;
  }

  String action() {
    return action;
  }

  Subject subject() {
    return subject;
  }
}
