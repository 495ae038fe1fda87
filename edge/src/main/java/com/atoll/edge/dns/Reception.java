package com.atoll.edge.dns;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Speaks with clients as each of them can; what is asked is answered by somebody else. */
final class Reception implements Answerer {
  private final Answerer answerer;

  Reception(Answerer answerer) {
    this.answerer = answerer;
  }

  @Override
  public byte @Nullable [] answer(byte[] query, InetAddress client, boolean tcp) {
    Question question = Question.read(query);
    if (question == null) {
      return null;
    }
    Edns edns = Edns.read(query, question);
    if (edns != null && !edns.understood()) {
      return edns.refusal(query, question);
    }
    byte[] answer = answerer.answer(query, client, tcp);
    if (answer == null) {
      return null;
    }
    byte[] whole = edns == null ? answer : Edns.added(answer);
    if (tcp || whole.length <= Edns.most(edns)) {
      return whole;
    }
    byte[] truncated = Answers.truncated(query, question);
    return edns == null ? truncated : Edns.added(truncated);
  }
}
