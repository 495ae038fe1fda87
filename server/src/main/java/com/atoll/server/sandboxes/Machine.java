package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.SandboxSize;
import com.atoll.model.Shape;
import com.atoll.node.v1.DescribeRequest;
import com.atoll.node.v1.NodeDescription;
import com.atoll.server.machines.NodeClient;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How large the machine is, asked for rarely. */
public final class Machine {
  private static final long FRESH = Duration.ofMinutes(1).toNanos();

  private final NodeClient node;
  private volatile @Nullable NodeDescription known;
  private volatile long askedAt;

  /** The machine of this node. */
  public Machine(NodeClient node) {
    this.node = node;
  }

  /** What it was at most a minute ago. */
  public NodeDescription describe() {
    NodeDescription last = known;
    return last == null || System.nanoTime() - askedAt > FRESH ? describeAnew() : last;
  }

  /** What it is at this moment, for what its owner changes while it runs. */
  NodeDescription describeAnew() {
    NodeDescription last = node.describe(DescribeRequest.getDefaultInstance());
    known = last;
    askedAt = System.nanoTime();
    return last;
  }

  /** Refuses a shape that the machine does not have even when it is empty. */
  void requireFits(Shape shape) {
    String problem = problem(shape);
    if (problem != null) {
      throw AtollException.invalid(field(shape), problem);
    }
  }

  /** The same of a sandbox that there is, which clients tell by a code of its own. */
  void requireGrowth(Shape shape) {
    String problem = problem(shape);
    if (problem != null) {
      String field = field(shape);
      throw AtollException.of(ErrorCode.PLAN_CAP_EXCEEDED, field + " " + problem)
          .field(field, problem);
    }
  }

  private static String field(Shape shape) {
    return shape.size().isPresent() ? "size" : "cpu_count";
  }

  private @Nullable String problem(Shape shape) {
    NodeDescription machine = describe();
    if (fits(shape, machine)) {
      return null;
    }
    String sizes =
        Arrays.stream(SandboxSize.values())
            .filter(size -> fits(size.shape(), machine))
            .map(SandboxSize::wire)
            .collect(Collectors.joining(", "));
    return "is larger than the machine, which has %d CPUs, %d MB of memory and %d MB of disk; what fits: %s"
        .formatted(
            machine.getCpus(),
            machine.getMemoryTotalMb(),
            machine.getDiskTotalMb(),
            sizes.isEmpty() ? "a smaller custom shape" : sizes);
  }

  /** What stands between a sandbox and the kernel that asks so; null and auto ask for nothing. */
  String isolation(@Nullable String asked) {
    NodeDescription machine = describe();
    if (asked == null || asked.equals("auto")) {
      return machine.getAutoIsolation();
    }
    String problem = machine.getIsolationProblemMap().get(asked);
    if (problem != null) {
      throw AtollException.of(ErrorCode.ISOLATION_UNAVAILABLE, asked, problem);
    }
    if (!machine.getIsolationList().contains(asked)) {
      throw AtollException.invalid("isolation", "is auto, container, gvisor or microvm");
    }
    return asked;
  }

  /** Whether a machine has room for a shape when it is empty. */
  public static boolean fits(Shape shape, NodeDescription machine) {
    return shape.cpus() <= machine.getCpus()
        && shape.memoryMb() <= machine.getMemoryTotalMb()
        && shape.diskMb() <= machine.getDiskTotalMb();
  }
}
