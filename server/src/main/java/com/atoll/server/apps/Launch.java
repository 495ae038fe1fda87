package com.atoll.server.apps;

import com.atoll.model.AtollException;
import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.ListProcessesRequest;
import com.atoll.node.v1.Process;
import com.atoll.node.v1.ProcessRef;
import com.atoll.node.v1.ProcessState;
import com.atoll.node.v1.RunReply;
import com.atoll.node.v1.RunRequest;
import com.atoll.node.v1.SignalRequest;
import com.atoll.node.v1.StartRequest;
import com.atoll.node.v1.TailRequest;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.readiness.Readiness;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Installs and starts one app; what is known of it so far can be read at any time. */
final class Launch {
  private static final String NAME = "app";
  private static final int SHOWN = 4_000;
  private static final long BETWEEN_MS = 150;
  private static final int TERM = 15;

  private final NodeClient node;
  private final String sandboxId;
  private final Start asked;
  private final Recipe recipe;
  private final Readiness readiness;
  private final String user;
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile AppView state;

  /**
   * A launch that has not begun.
   *
   * @param user who runs the app; "" for root
   */
  Launch(
      NodeClient node,
      AppView begin,
      Start asked,
      Recipe recipe,
      Readiness readiness,
      String user) {
    this.user = user;
    this.node = node;
    this.sandboxId = begin.sandboxId();
    this.asked = asked;
    this.recipe = recipe;
    this.readiness = readiness;
    state = begin;
  }

  /** Whether an app was started on the present machine of a sandbox, even if it has ended. */
  static boolean wasStarted(NodeClient node, String sandboxId) {
    return node
        .processes()
        .listProcesses(ListProcessesRequest.newBuilder().setWorkloadId(sandboxId).build())
        .getProcessesList()
        .stream()
        .anyMatch(process -> process.getName().equals(NAME));
  }

  /** What is known now, or at the end of the launch when that comes within this time. */
  AppView state(long waitMs) throws InterruptedException {
    boolean _ = done.await(waitMs, TimeUnit.MILLISECONDS);
    return state;
  }

  void run() {
    try {
      end();
      if (install()) {
        start();
      }
    } catch (AtollException refused) {
      state = changed("failed", refused.getMessage(), state.install(), state.start());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } finally {
      done.countDown();
    }
  }

  private AppView changed(
      String status,
      @Nullable String reason,
      AppView.@Nullable Install install,
      AppView.@Nullable Started start) {
    return new AppView(
        state.sandboxId(),
        status,
        state.previewUrl(),
        state.port(),
        state.workdir(),
        start == null ? null : start.pid(),
        status.equals("running"),
        reason,
        install,
        start);
  }

  /** Ends the app that an earlier call has started, so that its port is free. */
  private void end() throws InterruptedException {
    for (Process process :
        node.processes()
            .listProcesses(
                ListProcessesRequest.newBuilder().setWorkloadId(sandboxId).setWakes(true).build())
            .getProcessesList()) {
      if (process.getName().equals(NAME) && process.getState() == ProcessState.PROCESS_RUNNING) {
        node.processes()
            .signal(
                SignalRequest.newBuilder()
                    .setWorkloadId(sandboxId)
                    .setPid(process.getPid())
                    .setSignal(TERM)
                    .setGroup(true)
                    .setKillAfterMs(2_000)
                    .build());
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (look(process.getPid()).getState() == ProcessState.PROCESS_RUNNING
            && System.nanoTime() < end) {
          pause();
        }
      }
    }
  }

  private boolean install() {
    String command = asked.installCommand() == null ? recipe.install() : asked.installCommand();
    if (Boolean.FALSE.equals(asked.install()) || command == null) {
      return true;
    }
    state = changed("installing", null, null, null);
    RunReply reply =
        node.processes()
            .run(
                RunRequest.newBuilder()
                    .setWorkloadId(sandboxId)
                    .setCommand(command(command).setTimeoutMs(asked.installSeconds() * 1000L))
                    .build());
    AppView.Install install =
        new AppView.Install(
            command,
            reply.getTimedOut() ? 124 : reply.getExitCode(),
            end(reply.getStdout().toStringUtf8()),
            end(reply.getStderr().toStringUtf8()),
            reply.getDurationMicros() / 1000,
            reply.getTimedOut());
    boolean good = install.exitCode() == 0;
    state =
        changed(
            good ? "starting" : "failed",
            good ? null : "The install ended with code " + install.exitCode() + ".",
            install,
            null);
    return good;
  }

  private void start() throws InterruptedException {
    String command = asked.startCommand() == null ? recipe.start() : asked.startCommand();
    if (command == null) {
      throw AtollException.invalid("start_command", "is required: the files do not say one");
    }
    long began = System.nanoTime();
    Process process =
        node.processes()
            .start(
                StartRequest.newBuilder()
                    .setWorkloadId(sandboxId)
                    .setName(NAME)
                    .setCommand(command(command).setUser(user))
                    .build());
    String pid = Long.toString(process.getPid());
    AppView.Started started = new AppView.Started(command, pid, null, null, null);
    state = changed("starting", null, state.install(), started);
    long end = began + TimeUnit.SECONDS.toNanos(asked.startSeconds());
    while (System.nanoTime() < end) {
      Process now = look(process.getPid());
      if (now.getState() == ProcessState.PROCESS_EXITED) {
        started = new AppView.Started(command, pid, null, now.getExitCode(), tail(process));
        String reason = "The app ended with code " + now.getExitCode() + ".";
        state = changed("failed", reason, state.install(), started);
        return;
      }
      Duration left = Duration.ofNanos(end - System.nanoTime());
      if (readiness.obstacle(node, sandboxId, left).isEmpty()) {
        long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        started = new AppView.Started(command, pid, ms, null, null);
        state = changed("running", null, state.install(), started);
        return;
      }
      pause();
    }
    started = new AppView.Started(command, pid, null, null, tail(process));
    String reason = "The app was not ready within " + asked.startSeconds() + " s; it runs on.";
    state = changed("failed", reason, state.install(), started);
  }

  private CommandSpec.Builder command(String line) {
    return CommandSpec.newBuilder()
        .setShell(line)
        .setTold(true)
        .setCwd(state.workdir())
        .putEnv("PORT", Integer.toString(state.port()))
        .putEnv("HOST", "0.0.0.0");
  }

  private Process look(long pid) {
    return node.processes()
        .getProcess(ProcessRef.newBuilder().setWorkloadId(sandboxId).setPid(pid).build());
  }

  private String tail(Process process) {
    return end(
        node.processes()
            .tailProcess(
                TailRequest.newBuilder()
                    .setWorkloadId(sandboxId)
                    .setPid(process.getPid())
                    .setLines(50)
                    .build())
            .getOutput()
            .toStringUtf8());
  }

  private void pause() throws InterruptedException {
    boolean _ = done.await(BETWEEN_MS, TimeUnit.MILLISECONDS);
  }

  private static String end(String text) {
    return text.length() <= SHOWN ? text : text.substring(text.length() - SHOWN);
  }
}
