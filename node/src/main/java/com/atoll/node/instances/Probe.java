package com.atoll.node.instances;

import com.atoll.node.guest.GuestException;
import com.atoll.node.guest.GuestStream;
import com.atoll.node.runtime.Machine;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Asks a command whether it is well, over its address and else from the inside. */
final class Probe {
  private static final int TIME_MS = 2_000;
  private static final ScheduledExecutorService TIMER =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("probe-timer").factory());

  private final Machine machine;
  private final int port;
  private final String path;

  Probe(Machine machine, int port, String path) {
    this.machine = machine;
    this.port = port;
    this.path = path;
  }

  /** What a look showed. */
  record Outcome(boolean good, boolean loopbackOnly, String problem) {}

  Outcome look() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(machine.slot().address(), port), TIME_MS);
      socket.setSoTimeout(TIME_MS);
      if (path.isEmpty()) {
        return new Outcome(true, false, "");
      }
      socket.getOutputStream().write(request());
      return judged(statusOf(socket.getInputStream()), false);
    } catch (ConnectException refused) {
      Outcome inside = fromInside();
      // It may have begun to listen on its address between the two looks.
      return inside.good() && accepts() ? new Outcome(true, false, "") : inside;
    } catch (IOException e) {
      return new Outcome(false, false, "port " + port + ": " + e.getMessage());
    }
  }

  private boolean accepts() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(machine.slot().address(), port), TIME_MS);
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  private Outcome fromInside() {
    try (GuestStream inner = machine.guest().forward(port)) {
      if (path.isEmpty()) {
        return new Outcome(true, true, "");
      }
      ScheduledFuture<?> late = TIMER.schedule(() -> end(inner), TIME_MS, TimeUnit.MILLISECONDS);
      try {
        ByteBuffer bytes = ByteBuffer.wrap(request());
        while (bytes.hasRemaining()) {
          inner.write(bytes);
        }
        return judged(statusOf(Channels.newInputStream(inner)), true);
      } finally {
        late.cancel(false);
      }
    } catch (IOException | GuestException e) {
      return new Outcome(false, false, "nothing answers on port " + port);
    }
  }

  private static void end(GuestStream stream) {
    try {
      stream.close();
    } catch (IOException alreadyEnded) {
      return;
    }
  }

  private byte[] request() {
    String text =
        "GET "
            + path
            + " HTTP/1.1\r\nHost: localhost:"
            + port
            + "\r\nUser-Agent: atoll-health\r\nAccept: */*\r\nConnection: close\r\n\r\n";
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static int statusOf(InputStream answer) throws IOException {
    byte[] line = answer.readNBytes(12);
    String text = new String(line, StandardCharsets.US_ASCII);
    return text.matches("HTTP/1\\.[01] [0-9]{3}") ? Integer.parseInt(text.substring(9)) : 0;
  }

  private Outcome judged(int status, boolean loopbackOnly) {
    boolean good = status >= 200 && status < 400;
    return new Outcome(
        good,
        loopbackOnly,
        good ? "" : "GET " + path + " answered " + (status == 0 ? "no HTTP" : status));
  }
}
