package com.atoll.server.outbound;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Looks names up on threads of its own: the system's resolver may block for long, and would keep a
 * carrier of virtual threads. One name is looked up once at a time.
 */
final class Lookups implements Targets.Resolver, AutoCloseable {
  private static final int THREADS = 64;
  private static final long SECONDS = 5;

  private final ConcurrentHashMap<String, CompletableFuture<List<InetAddress>>> running =
      new ConcurrentHashMap<>();
  private final ExecutorService threads =
      new ThreadPoolExecutor(
          0,
          THREADS,
          10,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          Thread.ofPlatform().daemon().name("lookup-", 0).factory());

  @Override
  public List<InetAddress> resolve(String host) throws UnknownHostException {
    try {
      return running.computeIfAbsent(host, this::begin).get(SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException | RejectedExecutionException failed) {
      throw unknown(host, failed);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw unknown(host, stopped);
    }
  }

  private CompletableFuture<List<InetAddress>> begin(String host) {
    CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
    threads.execute(() -> {
      try {
        answer.complete(List.of(InetAddress.getAllByName(host)));
      } catch (UnknownHostException | RuntimeException unknown) {
        answer.completeExceptionally(unknown);
      } finally {
        running.remove(host, answer);
      }
    });
    return answer;
  }

  private static UnknownHostException unknown(String host, Exception cause) {
    UnknownHostException unknown = new UnknownHostException(host);
    unknown.initCause(cause);
    return unknown;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
