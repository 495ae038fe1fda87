package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.Gpu;
import com.atoll.node.v1.NodeDescription;
import com.atoll.server.policies.Effective;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Devices that a create may ask for, against those that the machine has. GPUs are not handed in
 * yet: a wish that the machine could fulfill is answered as not implemented, any other as wrong.
 */
final class Devices {
  private final Machine machine;

  Devices(Machine machine) {
    this.machine = machine;
  }

  void checkGpus(CreateSandbox asked) {
    Integer gpus = asked.gpuCount();
    String model = asked.gpuModel();
    boolean one = gpus == null && model != null && !model.isBlank();
    if (one || (gpus != null && gpus != 0)) {
      // The machine need not be asked to know that there are never so few.
      boolean none = gpus != null && gpus < 0;
      checkGpus(gpus, model, none ? List.of() : machine.describe().getGpusList());
    }
  }

  /** Whether a sandbox gets KVM; refused where it asks for it and cannot have it. */
  boolean kvm(CreateSandbox asked, Effective rules, String isolation) {
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

  /** Judges a wish for GPUs; who names a model and no number wants one. */
  static void checkGpus(@Nullable Integer count, @Nullable String model, List<Gpu> has) {
    int wanted = count == null ? 1 : count;
    if (wanted < 0) {
      throw AtollException.invalid("gpu_count", "must be 0 or more");
    }
    String part = model == null ? "" : model.toLowerCase(Locale.ROOT);
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
    throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, count == null ? "gpu_model" : "gpu_count");
  }

  private static String words(List<Gpu> has) {
    return has.isEmpty()
        ? "no GPU"
        : has.stream()
            .map(gpu -> gpu.getModel().isEmpty() ? gpu.getName() : gpu.getModel())
            .collect(Collectors.joining(", "));
  }
}
