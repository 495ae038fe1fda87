package com.atoll.edge.hosts;

/** What a host name means. */
public sealed interface Target {

  /** The API of this installation. */
  record Api() implements Target {}

  /**
   * One port of one sandbox.
   *
   * @param port TCP port inside the sandbox
   * @param slug the sandbox's name in hosts
   */
  record SandboxPort(int port, String slug) implements Target {}

  /**
   * A name that only the route table can explain: a deployment or a custom domain.
   *
   * @param host normalized host name, without port
   */
  record Named(String host) implements Target {}

  /** Well formed or not, no route can have this name. */
  record Unknown() implements Target {}
}
