package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.node.v1.Gpu;
import com.atoll.node.v1.NodeDescription;
import com.atoll.server.policies.Effective;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Devices that a create may ask for, against those that the machine has. */
final class Devices {
  private final Machine machine;

  Devices(Machine machine) {
    this.machine = machine;
  }

  /** What a sandbox gets; refused where it asks for what it cannot have. */
  Hardware hardware(CreateSandbox asked, Effective rules, String isolation) {
    boolean kvm = kvm(asked, rules, isolation);
    int gpus = gpus(asked, isolation);
    String model = asked.gpuModel();
    return new Hardware(kvm, gpus, model == null ? "" : model.strip());
  }

  /** Refuses what no machine has; none is asked. */
  static void requireSense(CreateSandbox asked) {
    Integer count = asked.gpuCount();
    if (count != null && count < 0) {
      throw AtollException.invalid("gpu_count", "must be 0 or more");
    }
  }

  private int gpus(CreateSandbox asked, String isolation) {
    Integer count = asked.gpuCount();
    String model = asked.gpuModel();
    boolean one = count == null && model != null && !model.isBlank();
    if (!one && (count == null || count == 0)) {
      return 0;
    }
    int gpus = gpus(count, model, machine.describeAnew().getGpusList());
    if (!isolation.equals("container")) {
      throw AtollException.invalid(
          one ? "gpu_model" : "gpu_count", "needs the isolation container, not " + isolation);
    }
    return gpus;
  }

  /** Whether a sandbox gets KVM; refused where it asks for it and cannot have it. */
  private boolean kvm(CreateSandbox asked, Effective rules, String isolation) {
    if (!Boolean.TRUE.equals(asked.nestedVirtualization())) {
      return false;
    }
    rules.requireNestedVirtualization();
    if (!isolation.equals("container")) {
      throw AtollException.invalid(
          "nested_virtualization", "needs the isolation container, not " + isolation);
    }
    NodeDescription present = machine.describe();
    if (!present.getKvm()) {
      throw AtollException.invalid(
          "nested_virtualization", "is not possible: " + present.getKvmProblem());
    }
    return true;
  }

  /** How many GPUs a wish is for; who names a model and no number wants one. */
  static int gpus(@Nullable Integer count, @Nullable String model, List<Gpu> has) {
    int wanted = count == null ? 1 : count;
    String part = model == null ? "" : model.strip().toLowerCase(Locale.ROOT);
    List<Gpu> fitting =
        has.stream().filter(gpu -> gpu.getModel().toLowerCase(Locale.ROOT).contains(part)).toList();
    if (fitting.isEmpty() && (count == null || !has.isEmpty())) {
      throw AtollException.invalid("gpu_model", "is not in the machine, which has " + words(has));
    }
    if (wanted > fitting.size()) {
      throw AtollException.invalid(
          "gpu_count",
          "must be at most %d: the machine has %s".formatted(fitting.size(), words(has)));
    }
    return wanted;
  }

  private static String words(List<Gpu> has) {
    return has.isEmpty()
        ? "no GPU"
        : has.stream()
            .map(gpu -> gpu.getModel().isEmpty() ? gpu.getName() : gpu.getModel())
            .collect(Collectors.joining(", "));
  }
}
