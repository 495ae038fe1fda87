package com.atoll.platform;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the owner lets stand between a sandbox and the machine's kernel.
 *
 * @param allowed the drivers that sandboxes may ask for: {@code container}, {@code gvisor}, {@code
 *     microvm}
 * @param auto the one for sandboxes that ask for none; it is among the allowed ones
 * @param runsc the program of gVisor; null when it is not installed
 * @param gvisorWarmPool machines under gVisor kept ready for each template when they are not what
 *     {@code auto} picks
 * @param nestedVirtualization whether containers that ask for it get the machine's KVM
 * @param microvm the folder of what virtual machines are made of: an emulator, a kernel and its
 *     modules; null when it is not installed
 * @param microvmEmulation whether virtual machines run without KVM, at a tenth of its speed; tests
 *     only
 */
public record IsolationPolicy(
    List<String> allowed,
    String auto,
    @Nullable Path runsc,
    @JsonProperty("gvisor_warm_pool") int gvisorWarmPool,
    @JsonProperty("nested_virtualization") boolean nestedVirtualization,
    @Nullable Path microvm,
    @JsonProperty("microvm_emulation") boolean microvmEmulation) {
  /** Containers, and nothing else. */
  public static final IsolationPolicy CONTAINERS =
      new IsolationPolicy(List.of("container"), "container", null, 0, false, null, false);
}
