package com.atoll.node.runtime;

import com.atoll.node.devices.Inventory;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.linux.HostProgram;
import com.atoll.platform.IsolationPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Which kinds of isolation this machine can give: those that the owner allows and that passed a
 * test when the node started. A machine never gets another kind than the one that it was to have.
 */
public final class Isolations {
  private static final Logger LOG = Logger.getLogger(Isolations.class.getName());

  private final IsolationPolicy policy;
  private final Isolation auto;

  /** What is wrong with each kind that is allowed; empty when nothing is. */
  private final Map<Isolation, CompletableFuture<String>> tests = new EnumMap<>(Isolation.class);

  /**
   * Begins the tests; whoever asks for a kind waits for its own.
   *
   * @param run the installation's run folder
   * @param bin its own programs
   */
  public Isolations(IsolationPolicy policy, Path run, Path bin) {
    this.policy = policy;
    this.auto = named(policy.auto());
    for (String name : policy.allowed()) {
      Isolation kind = named(name);
      CompletableFuture<String> test = new CompletableFuture<>();
      switch (kind) {
        case CONTAINER -> test.complete("");
        case GVISOR ->
            Thread.ofVirtual()
                .name("test-gvisor")
                .start(() -> test.complete(gvisorProblem(policy.runsc(), run)));
        case MICROVM ->
            Thread.ofVirtual()
                .name("test-microvm")
                .start(() -> test.complete(Emulator.of(policy, run, bin).problem()));
      }
      tests.put(kind, test);
    }
  }

  /** What machines get that ask for nothing. */
  public Isolation auto() {
    return auto;
  }

  /** Machines of a kind that are kept ready for each template. */
  public int warm(Isolation kind, int ofAuto) {
    if (!tests.containsKey(kind)) {
      return 0;
    }
    if (kind == auto) {
      return ofAuto;
    }
    return switch (kind) {
      case CONTAINER -> 0;
      case GVISOR -> Math.min(ofAuto, policy.gvisorWarmPool());
      case MICROVM -> 0;
    };
  }

  /** Why each kind that cannot be had cannot be, and what the owner can do about it. */
  public Map<Isolation, String> problems() {
    Map<Isolation, String> problems = new EnumMap<>(Isolation.class);
    for (Isolation kind : Isolation.values()) {
      String problem = problem(kind);
      if (!problem.isEmpty()) {
        problems.put(kind, problem);
      }
    }
    return problems;
  }

  /** Refuses a kind that cannot be had here. */
  public void require(Isolation kind) {
    String problem = problem(kind);
    if (!problem.isEmpty()) {
      throw NodeFault.precondition(
          "ISOLATION_UNAVAILABLE", "isolation " + kind.wire() + ": " + problem);
    }
  }

  /** Why no machine gets KVM here, and what the owner can do about it; empty when they do. */
  public String kvmProblem() {
    if (!policy.nestedVirtualization()) {
      return "the owner does not allow it; set nested_virtualization = true in atoll.conf, then run"
          + " ./atoll up";
    }
    return Inventory.hasKvm() ? "" : "the machine has no KVM";
  }

  /** Refuses KVM where it cannot be had. */
  public void requireKvm(Isolation kind) {
    String problem =
        switch (kind) {
          case CONTAINER -> kvmProblem();
          case GVISOR, MICROVM -> "only containers get it";
        };
    if (!problem.isEmpty()) {
      throw NodeFault.precondition("KVM_UNAVAILABLE", "nested virtualization: " + problem);
    }
  }

  private String problem(Isolation kind) {
    CompletableFuture<String> test = tests.get(kind);
    return test == null
        ? "the owner does not allow it; add it to isolation in atoll.conf, then run ./atoll up"
        : test.join();
  }

  private static String gvisorProblem(@Nullable Path runsc, Path run) {
    if (runsc == null || !Files.isExecutable(runsc)) {
      return "its program runsc is not installed; ./atoll up builds it";
    }
    try {
      Path state = Files.createDirectories(run.resolve("runsc-test"));
      new HostProgram(runsc)
          .run(
              "--root=" + state,
              "--platform=systrap",
              "--network=none",
              "--ignore-cgroups",
              "--host-settings=ignore",
              "do",
              "-force-overlay=false",
              "/bin/true");
      return "";
    } catch (IOException e) {
      LOG.log(Level.WARNING, e, () -> "gVisor does not work on this machine");
      return "it does not work on this machine; ./atoll logs node has what runsc said";
    }
  }

  private static Isolation named(String name) {
    return Isolation.of(name)
        .orElseThrow(() -> new IllegalArgumentException("there is no isolation " + name));
  }
}
