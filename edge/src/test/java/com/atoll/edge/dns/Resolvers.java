package com.atoll.edge.dns;

import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** Resolvers that ask nobody but a double. */
public final class Resolvers {
  private Resolvers() {}

  /** Asks this address and port, and has an empty list of its own in the folder. */
  public static Resolver asking(Path folder, String address, int port) throws IOException {
    Path conf = Files.writeString(folder.resolve("resolv.conf"), "nameserver " + address + "\n");
    Path hosts = Files.writeString(folder.resolve("hosts"), "");
    return new Resolver(new HostsFile(hosts), new Upstreams(conf, port));
  }

  /** The answer to a query that the name is there. */
  public static byte[] answer(byte[] query, Inet4Address address) {
    Question question = Objects.requireNonNull(Question.read(query));
    return Answers.addresses(query, question, List.of(address));
  }

  /** The name that a query asks for. */
  public static String name(byte[] query) {
    return Objects.requireNonNull(Question.read(query)).name();
  }
}
