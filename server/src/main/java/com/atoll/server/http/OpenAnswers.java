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
    private final Runnable end;

    private Open(Principal principal, Supplier<@Nullable String> subject, Runnable end) {
      this.principal = principal;
      this.subject = subject;
      this.end = end;
    }

    @Override
    public void close() {
      open.remove(this);
    }
  }

  /** One that tells of what the present request is about. */
  Open add(Principal principal, Runnable end) {
    return add(principal, Deed.subjectOfPresent(), end);
  }

  Open add(Principal principal, Supplier<@Nullable String> subject, Runnable end) {
    Open answer = new Open(principal, subject, end);
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

  /** The same for those among them that tell of these: the second is an id, or empty for none. */
  public void end(BiPredicate<Principal, String> which) {
    for (Open answer : List.copyOf(open)) {
      String subject = Objects.requireNonNullElse(answer.subject.get(), "");
      if (which.test(answer.principal, subject) && open.remove(answer)) {
        answer.end.run();
      }
    }
  }
}
