package com.atoll.server.http;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.RequestId;
import com.atoll.server.http.dialects.Dialect;
import com.atoll.server.http.dialects.ErrorBody;
import com.atoll.server.store.Recorder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** HTTP/1.1 on a Unix socket; each request runs on a virtual thread. */
public final class HttpServer implements AutoCloseable {
  private static final int HEADER_LIMIT = 32_768;
  private static final long IDLE_MS = 60_000;
  private static final int PLATFORM_THREADS = 16;

  /** How much of a body is read or written at once. */
  private static final int PIECE = 64 << 10;

  /** How much of an answer the kernel takes before its writer waits for the reader. */
  private static final int HELD_BY_KERNEL = 512 << 10;

  private final Server server;
  private final Path socket;

  /** A server that answers the operations of a registry. */
  public HttpServer(
      Path socket,
      Registry registry,
      Authenticator authenticator,
      RateBudgets budgets,
      StoredAnswers storedAnswers,
      Gate gate,
      Recorder recorder,
      OpenAnswers open,
      InnerCalls inner) {
    this.socket = socket;
    server = new Server(threads());
    HttpConnectionFactory http = new HttpConnectionFactory(configuration());
    http.setInputBufferSize(PIECE);
    UnixDomainServerConnector connector = new UnixDomainServerConnector(server, 1, 1, http);
    connector.setAcceptedSendBufferSize(HELD_BY_KERNEL);
    connector.setUnixDomainPath(socket);
    connector.setIdleTimeout(IDLE_MS);
    connector.setAcceptQueueSize(1024);
    server.addConnector(connector);
    server.setErrorHandler(HttpServer::malformed);
    WebSockets webSockets = new WebSockets(server);
    Dispatcher dispatcher =
        new Dispatcher(
            registry,
            authenticator,
            new RateLimiter(budgets, Clock.systemUTC()),
            storedAnswers,
            new Performance(gate, recorder),
            open);
    inner.bind(dispatcher);
    server.setHandler(
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            // Work may take longer than the connection may idle: only a stuck read or write ends
            // it.
            request.addIdleTimeoutListener(timeout -> false);
            dispatcher.dispatch(new Exchange(request, response, callback, webSockets));
            return true;
          }
        });
  }

  /** Selecting and accepting block their thread for good, so they get platform threads. */
  private static QueuedThreadPool threads() {
    QueuedThreadPool threads = new QueuedThreadPool(PLATFORM_THREADS, 4);
    threads.setName("http");
    threads.setReservedThreads(0);
    threads.setVirtualThreadsExecutor(VirtualThreads.getNamedVirtualThreadsExecutor("request-"));
    return threads;
  }

  private static HttpConfiguration configuration() {
    HttpConfiguration http = new HttpConfiguration();
    http.setRequestHeaderSize(HEADER_LIMIT);
    http.setResponseHeaderSize(HEADER_LIMIT);
    http.setSendServerVersion(false);
    http.setSendDateHeader(true);
    http.setOutputBufferSize(PIECE);
    // Paths are split before they are decoded, so an encoded slash is harmless here.
    http.setUriCompliance(UriCompliance.UNSAFE);
    return http;
  }

  /** Starts to answer. */
  public void start() throws Exception {
    Files.deleteIfExists(socket);
    server.start();
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw----"));
  }

  /** Waits until the server has ended. */
  public void join() throws InterruptedException {
    server.join();
  }

  /** What is answered when a request is refused before any operation was found. */
  private static boolean malformed(Request request, Response response, Callback callback) {
    AtollException e =
        switch (response.getStatus()) {
          case HttpStatus.URI_TOO_LONG_414 -> AtollException.of(ErrorCode.URI_TOO_LONG);
          case HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431 ->
              AtollException.of(ErrorCode.HEADERS_TOO_LARGE);
          case HttpStatus.INTERNAL_SERVER_ERROR_500 -> AtollException.of(ErrorCode.INTERNAL_ERROR);
          default -> AtollException.of(ErrorCode.INVALID_REQUEST, "it is not valid HTTP");
        };
    String id = RequestId.next().value();
    response.setStatus(e.code().status());
    Cors.apply(response.getHeaders());
    response.getHeaders().put("X-Request-ID", id);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    Dialect dialect = Dialect.of("/", request.getHeaders().get(HttpHeader.USER_AGENT));
    byte[] body = Answers.bytes(ErrorBody.of(Json.MAPPER, dialect, e, id));
    try {
      Content.Sink.write(response, true, ByteBuffer.wrap(body));
      callback.succeeded();
    } catch (IOException gone) {
      callback.failed(gone);
    }
    return true;
  }

  @Override
  public void close() {
    try {
      server.stop();
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (Exception e) {
      throw new IllegalStateException("the HTTP server did not stop", e);
    }
  }
}
