package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.Gpu;
import com.atoll.node.v1.NodeDescription;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Devices that a create may ask for, against those that the machine has. None is handed in yet: a
 * wish that the machine could fulfill is answered as not implemented, any other as wrong.
 */
final class Devices {
  private final Machine machine;

  Devices(Machine machine) {
    this.machine = machine;
  }

  void check(CreateSandbox asked) {
    Integer gpus = asked.gpuCount();
    if (gpus != null && gpus != 0) {
      checkGpus(gpus, asked.gpuModel(), present().getGpusList());
    }
    if (Boolean.TRUE.equals(asked.nestedVirtualization())) {
      if (!present().getKvm()) {
        throw AtollException.invalid(
            "nested_virtualization", "is not possible: the machine has no KVM");
      }
      throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, "nested_virtualization");
    }
  }

  static void checkGpus(int wanted, @Nullable String model, List<Gpu> has) {
    if (wanted < 0) {
      throw AtollException.invalid("gpu_count", "must be 0 or more");
    }
    String part = model == null ? "" : model.toLowerCase(Locale.ROOT);
    List<Gpu> fitting =
        has.stream().filter(gpu -> gpu.getModel().toLowerCase(Locale.ROOT).contains(part)).toList();
    if (fitting.isEmpty() && !has.isEmpty()) {
      throw AtollException.invalid("gpu_model", "is not in the machine, which has " + words(has));
    }
    if (wanted > fitting.size()) {
      throw AtollException.invalid(
          "gpu_count",
          "must be at most %d: the machine has %s".formatted(fitting.size(), words(has)));
    }
    throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, "gpu_count");
  }

  private static String words(List<Gpu> has) {
    return has.isEmpty()
        ? "no GPU"
        : has.stream()
            .map(gpu -> gpu.getModel().isEmpty() ? gpu.getName() : gpu.getModel())
            .collect(Collectors.joining(", "));
  }

  /** A machine that cannot be asked now has nothing to give. */
  private NodeDescription present() {
    try {
      return machine.describe();
    } catch (AtollException away) {
      return NodeDescription.getDefaultInstance();
    }
  }
}
