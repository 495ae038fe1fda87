package com.atoll.edge.dns;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What sandboxes are told: names of the machine's own list, else what its resolvers say. Sandboxes
 * have no IPv6, so no name has an IPv6 address; {@code *.localhost} is the sandbox itself.
 */
public final class Resolver implements Answerer {
  private final HostsFile hostsFile;
  private final Upstreams upstreams;
  private final AnswerCache cache = new AnswerCache();

  Resolver(HostsFile hostsFile, Upstreams upstreams) {
    this.hostsFile = hostsFile;
    this.upstreams = upstreams;
  }

  /** As this machine resolves, and a list of names of the installation's own before that. */
  public Resolver(Path ownNames) {
    this(
        new HostsFile(ownNames, Path.of("/etc/hosts")), new Upstreams(Path.of("/etc/resolv.conf")));
  }

  @Override
  public byte @Nullable [] answer(byte[] query, InetAddress client, boolean tcp) {
    Question question = Question.read(query);
    if (question == null) {
      return null;
    }
    if (question.type() == Question.AAAA) {
      return Answers.empty(query, question, Answers.NO_ERROR);
    }
    if (local(question)) {
      return question.type() == Question.A
          ? Answers.addresses(query, question, List.of(LOOPBACK))
          : Answers.empty(query, question, Answers.NO_ERROR);
    }
    if (question.type() == Question.A) {
      List<Inet4Address> own = hostsFile.find(question.name());
      if (!own.isEmpty()) {
        return Answers.addresses(query, question, own);
      }
    }
    byte[] answer = cache.find(question);
    if (answer == null) {
      answer = upstreams.ask(question.alone(query), question);
      if (answer == null) {
        return byMachine(query, question);
      }
      cache.keep(question, answer);
    }
    return Answers.again(answer, query, question);
  }

  /** The IPv4 addresses of a name as far as nobody has to be asked; null when somebody has to. */
  public @Nullable List<Inet4Address> known(String name) {
    Question question = Question.read(Question.query(name));
    if (question == null) {
      return List.of();
    }
    List<Inet4Address> own = local(question) ? List.of(LOOPBACK) : hostsFile.find(question.name());
    byte[] kept = own.isEmpty() ? cache.find(question) : null;
    return kept == null ? (own.isEmpty() ? null : own) : Answers.addresses(kept, question);
  }

  private static boolean local(Question question) {
    return question.name().equals("localhost") || question.name().endsWith(".localhost");
  }

  /** The IPv4 addresses of a name; none when it has none or nobody knows. */
  public List<Inet4Address> addresses(String name) {
    byte[] query = Question.query(name);
    Question question = Question.read(query);
    byte[] answer = question == null ? null : answer(query, LOOPBACK, false);
    return question == null || answer == null ? List.of() : Answers.addresses(answer, question);
  }

  /** No resolver answers: whatever the machine's name service knows in other ways. */
  private static byte[] byMachine(byte[] query, Question question) {
    if (question.type() != Question.A || question.name().isEmpty()) {
      return Answers.empty(query, question, Answers.SERVER_FAILURE);
    }
    try {
      List<Inet4Address> found = new ArrayList<>();
      for (InetAddress address : InetAddress.getAllByName(question.name())) {
        if (address instanceof Inet4Address v4 && !v4.isLoopbackAddress()) {
          found.add(v4);
        }
      }
      return Answers.addresses(query, question, found);
    } catch (UnknownHostException unknown) {
      return Answers.empty(query, question, Answers.SERVER_FAILURE);
    }
  }

  private static final Inet4Address LOOPBACK = (Inet4Address) InetAddress.ofLiteral("127.0.0.1");
}
