package com.atoll.server.outbound;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** A connection to a receiver, by the address that was checked. */
final class Connection implements AutoCloseable {
  private static final int CONNECT_MILLIS = 5_000;
  private static final int FAREWELL_MILLIS = 1_000;

  private final Target.Key key;
  private final Socket raw;
  private Socket socket;
  private final BufferedInputStream[] in = new BufferedInputStream[1];
  private volatile boolean closed;

  Connection(Target.Key key) {
    this.key = key;
    this.raw = new Socket();
    this.socket = raw;
  }

  Target.Key key() {
    return key;
  }

  /** Connects, and makes sure that the receiver is who the URL names. */
  void open(Target target) throws IOException {
    raw.setTcpNoDelay(true);
    raw.connect(target.socketAddress(), CONNECT_MILLIS);
    if (target.tls()) {
      SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
      SSLSocket tls = (SSLSocket) factory.createSocket(raw, target.host(), target.port(), true);
      SSLParameters parameters = tls.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      if (!target.host().matches("[0-9.]+|\\[.*")) {
        parameters.setServerNames(List.of(new SNIHostName(target.host())));
      }
      tls.setSSLParameters(parameters);
      socket = tls;
      tls.startHandshake();
    }
    in[0] = new BufferedInputStream(socket.getInputStream(), 2_048);
  }

  /** Sends a request and reads the answer; true when the connection can carry another one. */
  boolean exchange(byte[] request, Ask ask, ResponseReader[] answer) throws IOException {
    socket.getOutputStream().write(request);
    ResponseReader reader = new ResponseReader(in[0], ask.kept(), ask.enough());
    answer[0] = reader;
    return reader.read();
  }

  /** Writes all of it, and waits until the receiver has seen its end or a moment has passed. */
  void write(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    socket.shutdownOutput();
    socket.setSoTimeout(FAREWELL_MILLIS);
    try {
      while (in[0].read() >= 0) {
        // What a receiver of syslog says has no meaning.
      }
    } catch (SocketTimeoutException stays) {
      return;
    }
  }

  /** Whether {@link #close} was called, by the watch for instance. */
  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
    try {
      // The raw socket: a farewell of TLS could block on a receiver that reads nothing.
      raw.close();
    } catch (IOException gone) {
      return;
    }
  }
}
