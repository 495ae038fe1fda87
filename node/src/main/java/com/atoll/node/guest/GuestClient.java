package com.atoll.node.guest;

import com.atoll.platform.CrashPoints;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Calls to the agent of one sandbox. It holds nothing: every call is a connection of its own. */
public final class GuestClient {
  static final Duration USUAL = Duration.ofSeconds(10);
  static final Duration LONG = Duration.ofMinutes(5);

  /** How long a file's bytes may stand still. */
  static final Duration STALL = Duration.ofMinutes(1);

  private static final String GUEST = "guest";

  private static final long FIRST_PAUSE_NANOS = 500_000;
  private static final long LONGEST_PAUSE_NANOS = 5_000_000;

  private final SocketAddress address;
  private final @Nullable Tcp tcp;
  private final boolean mayCrash;

  /**
   * What a connection over TCP needs besides its address.
   *
   * @param token what the agent asks for
   * @param calls all of them
   */
  record Tcp(String token, Calls calls) {}

  /** Talks to the agent that listens at this Unix socket. */
  public GuestClient(Path socket) {
    this(UnixDomainSocketAddress.of(socket), null, true);
  }

  /** Talks to the agent that listens at this TCP port and asks for this token. */
  public GuestClient(InetSocketAddress address, String token) {
    this(address, new Tcp(token, new Calls()), true);
  }

  private GuestClient(SocketAddress address, @Nullable Tcp tcp, boolean mayCrash) {
    this.address = address;
    this.tcp = tcp;
    this.mayCrash = mayCrash;
  }

  /** The same agent; no test ends it in these calls. */
  public GuestClient spared() {
    return new GuestClient(address, tcp, false);
  }

  /** The token that the agent asks for; none behind a Unix socket. */
  public Optional<String> token() {
    return Optional.ofNullable(tcp).map(Tcp::token);
  }

  /** The same agent as long as it still has another one's token. */
  public GuestClient asKnownBy(String otherToken) {
    if (tcp == null) {
      throw new IllegalStateException("an agent behind a Unix socket has no token");
    }
    return new GuestClient(address, new Tcp(otherToken, tcp.calls()), mayCrash);
  }

  /** Writes to the disk what the kernel of the machine holds back. */
  public void sync(Duration limit) {
    call(Connection.header("sync"), null, limit, answer -> true);
  }

  /** Stops every process but the agent, until it is to move on. */
  public void still() {
    call(Connection.header("still"), null, USUAL, answer -> true);
  }

  /** Starts what was stopped. */
  public void moveOn() {
    call(Connection.header("move-on"), null, USUAL, answer -> true);
  }

  /**
   * Makes a copy of a machine another one, then starts what was stopped in it.
   *
   * @param token what its agent asks for from now on
   * @param env all variables of its commands
   */
  public void moveOnAs(String hostname, String token, Map<String, String> env) {
    ObjectNode header = Connection.header("move-on");
    header.put("hostname", hostname).put("new_token", token);
    header.set("env", Connection.JSON.valueToTree(env));
    call(header, null, USUAL, answer -> true);
  }

  /**
   * Makes the volumes that programs see these. The host shows them to the agent before, and no
   * longer afterwards. Code BUSY when one that is to go is in use.
   *
   * @param wanted where each is to lie, by the name under which it is shown
   */
  public void place(Map<String, String> wanted) {
    ObjectNode header = Connection.header("volumes");
    ArrayNode volumes = header.putArray("volumes");
    wanted.forEach((id, path) -> volumes.addObject().put("volume", id).put("path", path));
    call(header, null, USUAL, answer -> true);
  }

  /** Ends every call: the machine has ended. */
  public void breakOff() {
    if (tcp != null) {
      tcp.calls().breakOff();
    }
  }

  /** Commands and processes. */
  public GuestProcesses processes() {
    return new GuestProcesses(this);
  }

  /** Files. */
  public GuestFiles files() {
    return new GuestFiles(this);
  }

  /** Whether the agent answers within the limit, and what it is. */
  public Pong ping(Duration limit) {
    return call(Connection.header("ping"), null, limit, Answers::pong);
  }

  /**
   * Waits until the agent answers. Only a Unix socket can listen before there is an agent; for
   * another one nothing but asking tells.
   */
  public void awaitListening(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    long pause = FIRST_PAUSE_NANOS;
    while (true) {
      try {
        ping(limit);
        return;
      } catch (GuestException notYet) {
        if (!notYet.code().equals(GuestException.UNREACHABLE) || System.nanoTime() > end) {
          throw notYet;
        }
        LockSupport.parkNanos(pause);
        pause = Math.min(pause * 2, LONGEST_PAUSE_NANOS);
      }
    }
  }

  /**
   * Sets what every later command starts with.
   *
   * @param hostname null to leave it
   * @param env added to the environment so far
   * @param unset taken out of it
   */
  public void configure(@Nullable String hostname, Map<String, String> env, List<String> unset) {
    ObjectNode header = Connection.header("configure");
    if (hostname != null) {
      header.put("hostname", hostname);
    }
    header.set("env", Connection.JSON.valueToTree(env));
    header.set("unset_env", Connection.JSON.valueToTree(unset));
    call(header, null, USUAL, answer -> true);
  }

  /** The same in place of all variables that were configured before. */
  public void configureAnew(String hostname, Map<String, String> env) {
    ObjectNode header = Connection.header("configure");
    header.put("hostname", hostname).put("replace_env", true);
    header.set("env", Connection.JSON.valueToTree(env));
    call(header, null, USUAL, answer -> true);
  }

  /** Bytes both ways to a port inside; also one that listens on loopback only. Code REFUSED. */
  public GuestStream forward(int port) {
    return stream(Connection.header("forward").put("port", port), null, USUAL);
  }

  /** The bytes of one SSH connection. */
  public GuestStream ssh(SshSettings settings) {
    ObjectNode header = Connection.header("ssh");
    header.put("host_key", settings.hostKey());
    header.put("host_certificate", settings.hostCertificate());
    header.put("authority", settings.authority());
    header.put("principal", settings.principal());
    header.set("keys", Connection.JSON.valueToTree(settings.keys()));
    return stream(header, null, USUAL);
  }

  /** What listens inside. */
  public List<ListeningPort> ports() {
    return call(Connection.header("ports"), null, USUAL, Answers::ports);
  }

  /** A call whose answer is one line. */
  <T> T call(
      ObjectNode header,
      byte @Nullable [] body,
      @Nullable Duration limit,
      Function<JsonNode, T> read) {
    return exchange(header, body, limit, (connection, answer) -> read.apply(answer));
  }

  /** A call whose answer line is followed by bytes. */
  <T> T exchange(
      ObjectNode header, byte @Nullable [] body, @Nullable Duration limit, Reading<T> reading) {
    return exchange(header, body, limit, _ -> {}, reading);
  }

  /**
   * The same.
   *
   * @param sent takes the connection as soon as the call was sent
   */
  <T> T exchange(
      ObjectNode header,
      byte @Nullable [] body,
      @Nullable Duration limit,
      Consumer<Connection> sent,
      Reading<T> reading) {
    String point = mayCrash ? CrashPoints.ordered(GUEST) : null;
    if (point != null) {
      header.put("crash_at", point);
    }
    try (Connection connection = Connection.open(address, tcp, limit)) {
      connection.send(header, body);
      sent.accept(connection);
      try {
        return reading.read(connection, connection.answer());
      } finally {
        if (point != null && connection.endsWith("crash " + point)) {
          CrashPoints.taken(point);
        }
      }
    }
  }

  /** A call that leaves a stream open; the limit is for its answer line. */
  GuestStream stream(ObjectNode header, byte @Nullable [] body, Duration limit) {
    return open(header, body, limit, (connection, answer) -> connection.detach());
  }

  /** A call whose connection outlives it when reading succeeds. */
  <T> T open(ObjectNode header, byte @Nullable [] body, Duration limit, Reading<T> reading) {
    Connection connection = Connection.open(address, tcp, limit);
    boolean kept = false;
    try {
      connection.send(header, body);
      T result = reading.read(connection, connection.answer());
      kept = true;
      return result;
    } finally {
      if (!kept) {
        connection.close();
      }
    }
  }

  /** A connection with its header sent and nothing read yet; the limit is for sending it. */
  Connection begin(ObjectNode header, @Nullable Duration limit) {
    Connection connection = Connection.open(address, tcp, limit);
    connection.send(header, null);
    return connection;
  }

  /** Makes a value of an answer and what follows it. */
  interface Reading<T> {
    T read(Connection connection, JsonNode answer);
  }
}
