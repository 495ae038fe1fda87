package com.atoll.server.http;

import com.atoll.model.Principal;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

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
    private final Runnable end;

    private Open(Principal principal, Runnable end) {
      this.principal = principal;
      this.end = end;
    }

    @Override
    public void close() {
      open.remove(this);
    }
  }

  Open add(Principal principal, Runnable end) {
    Open answer = new Open(principal, end);
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
    for (Open answer : List.copyOf(open)) {
      if (whose.test(answer.principal) && open.remove(answer)) {
        answer.end.run();
      }
    }
  }
}
