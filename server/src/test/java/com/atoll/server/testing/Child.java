package com.atoll.server.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A program of the tests in a process of its own, so that it can be ended as {@code kill -9} ends
 * one. What it prints is heard line by line; the lines of its end are heard, too.
 */
public final class Child implements AutoCloseable {
  private static final int PATIENCE_S = 60;

  private final Process process;
  private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final AtomicInteger heard = new AtomicInteger();
  private final Thread listener;

  /** Starts the program with these arguments. */
  public Child(Class<?> main, Object... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-Djava.util.logging.config.class=" + Quiet.class.getName(),
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    listener = Thread.ofVirtual().start(this::listen);
  }

  private void listen() {
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        heard.incrementAndGet();
        lines.add(line);
      }
    } catch (IOException ended) {
      heard.get();
    }
  }

  /** The next line that it prints. */
  public String line() throws InterruptedException {
    String line = lines.poll(PATIENCE_S, TimeUnit.SECONDS);
    if (line == null) {
      throw new IllegalStateException("the child says nothing");
    }
    return line;
  }

  /** Has it read a line. */
  public void say(String line) throws IOException {
    process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  /** How many lines it has printed until now. */
  public int lines() {
    return heard.get();
  }

  /** Whether it still runs. */
  public boolean alive() {
    return process.isAlive();
  }

  /** Ends it at once; what it had printed is heard when this returns. */
  public void kill() {
    process.destroyForcibly().onExit().join();
    try {
      listener.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    kill();
  }

  /** Says nothing: what a killed process complains of is no news. */
  public static final class Quiet {
    /** Turns the log off. */
    public Quiet() {
      java.util.logging.Logger.getLogger("").setLevel(java.util.logging.Level.OFF);
    }
  }
}
