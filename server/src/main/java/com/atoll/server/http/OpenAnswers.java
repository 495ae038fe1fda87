package com.atoll.server.http;

import com.atoll.model.Principal;
import com.atoll.server.store.Deed;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers that are still being given, which must end with the credential that they are given to.
 */
public final class OpenAnswers {
  private final Set<Open> open = ConcurrentHashMap.newKeySet();

  /** No answers yet. */
  public OpenAnswers() {}

  /** One of them; closed when the answer is complete. */
  final class Open implements AutoCloseable {
    private final Principal principal;
    private final Supplier<@Nullable String> subject;
    private final boolean waitedFor;
    private final Runnable end;

    private Open(
        Principal principal, Supplier<@Nullable String> subject, boolean waitedFor, Runnable end) {
      this.principal = principal;
      this.subject = subject;
      this.waitedFor = waitedFor;
      this.end = end;
    }

    @Override
    public void close() {
      open.remove(this);
    }
  }

  /**
   * One that tells of what the present request is about.
   *
   * @param waitedFor whether it comes in one piece at the end, and is lost when it is broken off;
   *     of any other its client takes up the rest
   */
  Open add(Principal principal, boolean waitedFor, Runnable end) {
    return add(new Open(principal, Deed.subjectOfPresent(), waitedFor, end));
  }

  Open add(Principal principal, Supplier<@Nullable String> subject, Runnable end) {
    return add(new Open(principal, subject, false, end));
  }

  private Open add(Open answer) {
    open.add(answer);
    return answer;
  }

  /** The keys that answers are given to. */
  public Set<String> keys() {
    Set<String> keys = new HashSet<>();
    open.forEach(answer -> keys.add(answer.principal.key().value()));
    return keys;
  }

  /** Breaks off the answers to these principals. */
  public void end(Predicate<Principal> whose) {
    end((principal, subject) -> whose.test(principal));
  }

  /** The same, but for what is only waited for: the credential goes on, perhaps with less. */
  public void endStreams(Predicate<Principal> whose) {
    end((principal, subject) -> whose.test(principal), false);
  }

  /** The same for those among them that tell of these: the second is an id, or empty for none. */
  public void end(BiPredicate<Principal, String> which) {
    end(which, true);
  }

  private void end(BiPredicate<Principal, String> which, boolean alsoWaitedFor) {
    for (Open answer : List.copyOf(open)) {
      if (answer.waitedFor && !alsoWaitedFor) {
        continue;
      }
      String subject = Objects.requireNonNullElse(answer.subject.get(), "");
      if (which.test(answer.principal, subject) && open.remove(answer)) {
        answer.end.run();
      }
    }
  }
}
