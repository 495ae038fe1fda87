package com.atoll.server.tokens;

import com.atoll.model.Delegation;
import com.atoll.model.Principal;
import com.atoll.server.events.Feed;
import com.atoll.server.events.StoredEvent;
import com.atoll.server.events.Subscription;
import com.atoll.server.http.OpenAnswers;
import com.atoll.server.identity.Principals;
import com.atoll.server.store.Event;
import com.atoll.server.store.Store;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the streams of a credential that no longer counts, and those about what it no longer
 * reaches. The news of it are events, so that each server ends its own; what ends without an event,
 * by its time, by a logout or with its organization, is looked for every second.
 */
public final class Revocations implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Revocations.class);
  private static final long SECOND = 1_000_000_000L;
  private static final long LATELY = 5 * SECOND;
  private static final int MOST_FORGOTTEN = 10_000;
  private static final Set<String> ENDS =
      Set.of("token.revoked", "key.revoked", "key.rotated", "key.updated");

  private final Store store;
  private final Feed feed;
  private final OpenAnswers answers;
  private final Consumer<String> forgetGrants;
  private final Deque<Ended> recent = new ArrayDeque<>();
  private final Map<String, Moved> moved = new HashMap<>();
  private final List<Rotated> rotated = new ArrayList<>();
  private volatile boolean closed;
  private long looked = System.nanoTime();

  /**
   * A credential that ended: an answer may begin a moment later that was let in a moment before.
   */
  private record Ended(String credential, long at) {}

  /** A resource that went to another workspace; answers about it may begin a moment later, too. */
  private record Moved(String workspace, long at) {
    boolean isLostTo(Principal principal) {
      String only = principal.workspace();
      return only != null && !only.equals(workspace);
    }
  }

  /**
   * A key whose older secret goes on beside the new one for a while. With which of the two an
   * answer was asked for is not kept: all end then, and clients go on with the newer one.
   */
  private record Rotated(String key, Instant until) {}

  /**
   * Watches over these answers.
   *
   * @param forgetGrants makes the gateways ask again what opens a sandbox
   */
  public Revocations(Store store, Feed feed, OpenAnswers answers, Consumer<String> forgetGrants) {
    this.store = store;
    this.feed = feed;
    this.answers = answers;
    this.forgetGrants = forgetGrants;
  }

  /** Begins to watch. */
  public void start() {
    Thread.ofVirtual().name("revocations").start(this::run);
  }

  private void run() {
    try {
      Subscription news = feed.subscribe();
      while (!closed) {
        for (StoredEvent stored : news.next(SECOND)) {
          take(stored);
        }
        Instant now = Instant.now();
        answers.end(p -> isOver(p, now) || endedLately(p));
        endMoved();
        endRotated(now);
        endDead();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Breaks off what tells of a resource to a credential of the workspace that it has left. */
  private void endMoved() {
    long now = System.nanoTime();
    moved.values().removeIf(one -> now - one.at() > LATELY);
    if (!moved.isEmpty()) {
      answers.end((principal, subject) -> {
        Moved one = moved.get(subject);
        return one != null && one.isLostTo(principal);
      });
    }
  }

  private void endRotated(Instant now) {
    for (Rotated one : List.copyOf(rotated)) {
      if (!one.until().isAfter(now)) {
        rotated.remove(one);
        answers.endStreams(p -> stemsFrom(p, one.key()));
      }
    }
  }

  /** At most once a second, however much happens. */
  private void endDead() {
    if (System.nanoTime() - looked < SECOND) {
      return;
    }
    looked = System.nanoTime();
    Set<String> keys = answers.keys();
    if (keys.isEmpty()) {
      return;
    }
    try {
      Set<String> alive =
          new HashSet<>(
              store.system(tx ->
                  tx.sql()
                      .fetch(
                          "select k.id from api_keys k"
                              + Principals.JOIN
                              + "where k.id = any(?) and"
                              + Principals.VALID,
                          (Object) keys.toArray(String[]::new))
                      .getValues(0, String.class)));
      answers.end(p -> keys.contains(p.key().value()) && !alive.contains(p.key().value()));
    } catch (RuntimeException away) {
      log.debug("the keys of open answers could not be looked at; they are in a moment", away);
    }
  }

  private void take(StoredEvent stored) {
    Event event = stored.event();
    Predicate<Principal> whose =
        p ->
            event.resourceId().equals(p.standing().user())
                && (p.org().value().equals(stored.org()) || p.isTest());
    switch (event.type()) {
      case "member.removed" -> answers.end(whose);
      case "member.updated" -> answers.endStreams(whose);
      default -> {}
    }
    String workspace = event.workspace();
    if (event.type().endsWith(".moved") && workspace != null) {
      moved.put(event.resourceId(), new Moved(workspace, System.nanoTime()));
    }
    // A key that was only renamed is the same one to those who wait for an answer.
    if (!ENDS.contains(event.type()) || Boolean.FALSE.equals(event.data().get("access_changed"))) {
      return;
    }
    String credential = event.resourceId();
    if (event.data().get("previous_until") instanceof String until) {
      rotated.add(new Rotated(credential, Instant.parse(until)));
      return;
    }
    if (event.type().endsWith(".revoked")) {
      recent.addLast(new Ended(credential, System.nanoTime()));
    }
    if (event.type().equals("key.updated")) {
      answers.endStreams(p -> stemsFrom(p, credential));
    } else {
      answers.end(p -> stemsFrom(p, credential));
    }
    Set<String> opened = new HashSet<>(minted(credential));
    if (event.data().get("sandbox_ids") instanceof List<?> sandboxes) {
      sandboxes.forEach(id -> opened.add(String.valueOf(id)));
    }
    opened.forEach(this::forget);
  }

  /** The sandboxes whose ports are opened by what this token, or one that came of it, minted. */
  private List<String> minted(String credential) {
    try {
      return store.system(tx ->
          tx.sql()
              .fetch(
                  """
                  select distinct p.sandbox_id from tokens t join preview_tokens p on p.minted_by = t.id
                  where (t.id = ? or ? = any(t.chain)) and p.revoked_at is null
                    and p.expires_at > now() limit ?\
                  """,
                  credential,
                  credential,
                  MOST_FORGOTTEN)
              .getValues(0, String.class));
    } catch (RuntimeException away) {
      log.debug("what {} minted could not be looked at; its grants end by themselves", credential);
      return List.of();
    }
  }

  private void forget(String sandbox) {
    try {
      forgetGrants.accept(sandbox);
    } catch (RuntimeException e) {
      log.warn("the grants of {} could not be asked for anew; they end by themselves", sandbox, e);
    }
  }

  private boolean endedLately(Principal principal) {
    long now = System.nanoTime();
    recent.removeIf(ended -> now - ended.at() > LATELY);
    return recent.stream().anyMatch(ended -> stemsFrom(principal, ended.credential()));
  }

  private static boolean stemsFrom(Principal principal, String credential) {
    Delegation delegation = principal.delegation();
    return principal.actor().equals(credential)
        || (delegation != null && delegation.chain().contains(credential));
  }

  private static boolean isOver(Principal principal, Instant now) {
    Delegation delegation = principal.delegation();
    return delegation != null && !delegation.expiresAt().isAfter(now);
  }

  @Override
  public void close() {
    closed = true;
  }
}
