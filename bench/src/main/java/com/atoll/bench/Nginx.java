package com.atoll.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** An nginx of the bench's own, as a reverse proxy with kept upstream connections. */
final class Nginx implements AutoCloseable {
  private final Process process;

  private Nginx(Process process) {
    this.process = process;
  }

  static Nginx inFrontOf(String address, int port, Path scratch)
      throws IOException, InterruptedException {
    Path config = scratch.resolve("nginx.conf");
    Files.writeString(
        config,
        """
        daemon off; master_process off; pid %1$s/pid; error_log %1$s/error.log; user root;
        events { worker_connections 1024; }
        http {
          access_log off;
          client_body_temp_path %1$s/b; proxy_temp_path %1$s/p; fastcgi_temp_path %1$s/f;
          uwsgi_temp_path %1$s/u; scgi_temp_path %1$s/s;
          keepalive_requests 1000000;
          upstream app { server %2$s:8000; keepalive 64; keepalive_requests 1000000; }
          server {
            listen 127.0.0.1:%3$d;
            location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; }
          }
        }
        """
            .formatted(scratch, address, port));
    Process process =
        new ProcessBuilder("nginx", "-c", config.toString(), "-p", scratch.toString())
            .redirectErrorStream(true)
            .redirectOutput(scratch.resolve("out").toFile())
            .start();
    for (int i = 0; i < 200 && process.isAlive(); i++) {
      try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return new Nginx(process);
      } catch (IOException notYet) {
        LockSupport.parkNanos(20_000_000);
      }
    }
    process.destroyForcibly();
    throw new IOException("nginx did not start: " + Files.readString(scratch.resolve("out")));
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}
