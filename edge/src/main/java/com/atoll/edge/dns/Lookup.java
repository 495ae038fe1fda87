package com.atoll.edge.dns;

import java.net.Inet4Address;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A query that somebody else than the resolver answers, or decides on. */
public final class Lookup {
  private static final int SERVICE_BINDING = 64;
  private static final int HTTPS = 65;
  private static final int ANY = 255;

  private final byte[] query;
  private final Question question;

  private Lookup(byte[] query, Question question) {
    this.query = query;
    this.question = question;
  }

  /** Reads a query; null when it is not one that a resolver answers. */
  public static @Nullable Lookup read(byte[] query) {
    Question question = Question.read(query);
    return question == null ? null : new Lookup(query, question);
  }

  /** The name, lower case, without final dot. */
  public String name() {
    return question.name();
  }

  /** Whether it asks for an IPv4 address. */
  public boolean isAddress() {
    return question.type() == Question.A;
  }

  /** Whether it asks for records that lead clients elsewhere, or for all records. */
  public boolean isServiceBinding() {
    return question.type() == SERVICE_BINDING || question.type() == HTTPS || question.type() == ANY;
  }

  /** Whether the name means the sandbox itself. */
  public boolean isLocal() {
    return name().equals("localhost") || name().endsWith(".localhost");
  }

  /** The answer that the name is at this address, for now. */
  public byte[] at(Inet4Address address) {
    return Answers.addresses(query, question, List.of(address), 0);
  }

  /** The answer that there are no such records. */
  public byte[] nothing() {
    return Answers.empty(query, question, Answers.NO_ERROR);
  }

  /** The answer that there is no such name. */
  public byte[] unknown() {
    return Answers.empty(query, question, Answers.NAME_ERROR);
  }

  /** The answer that nobody can tell. */
  public byte[] failed() {
    return Answers.empty(query, question, Answers.SERVER_FAILURE);
  }
}
