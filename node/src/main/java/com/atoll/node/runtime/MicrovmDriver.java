package com.atoll.node.runtime;

import com.atoll.node.cgroups.Cgroups;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.guest.GuestClient;
import com.atoll.node.guest.GuestException;
import com.atoll.node.network.Slot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.logging.Logger;
import tools.jackson.databind.json.JsonMapper;

/**
 * Virtual machines. The process around each is a container like any other, which has the emulator
 * instead of the sandbox's programs: its end, its control group, its network and the socket of its
 * agent are those of a container, and so is what is left when the emulator is broken out of.
 */
final class MicrovmDriver implements Driver {
  private static final Logger LOG = Logger.getLogger(MicrovmDriver.class.getName());
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration SETTLING = Duration.ofSeconds(5);

  private final OciDriver container;
  private final MicrovmConfig config;
  private final Spawn spawn;
  private final Cgroups cgroups;

  /**
   * Virtual machines of a node.
   *
   * @param container what the processes around them are
   */
  MicrovmDriver(OciDriver container, MicrovmConfig config, Spawn spawn, Cgroups cgroups) {
    this.container = container;
    this.config = config;
    this.spawn = spawn;
    this.cgroups = cgroups;
  }

  @Override
  public long start(Bundle bundle, Path folder) throws IOException {
    if (bundle.image().nesting()) {
      throw NodeFault.precondition(
          "ISOLATION_UNAVAILABLE",
          "a sandbox that runs containers itself needs the isolation container");
    }
    String id = bundle.machine();
    Map<String, Object> json = config.of(bundle, folder, cgroups.ociPath(id));
    Files.write(folder.resolve("config.json"), JSON.writeValueAsBytes(json));
    Map<String, Object> request = container.request(id);
    request.put("driver", "microvm");
    request.put("kvm", config.usesKvm());
    request.put(
        "tap", Map.of("network", bundle.slot().netns(), "user", MicrovmConfig.EMULATOR_USER));
    request.put("binds", Spawn.binds(bundle));
    return spawn.start(bundle, folder, request);
  }

  @Override
  public GuestClient guest(String machine, Slot slot, Path folder) {
    return container.guest(machine);
  }

  /** Its kernel writes through, but for files that programs changed in their memory. */
  @Override
  public void settle(String machine) {
    try {
      container.guest(machine).spared().sync(SETTLING);
    } catch (GuestException e) {
      LOG.fine(() -> machine + " does not settle: " + e.getMessage());
    }
  }

  @Override
  public void freeze(String machine) {
    if (!cgroups.frozen(machine)) {
      settle(machine);
    }
    container.freeze(machine);
  }

  @Override
  public void thaw(String machine) {
    container.thaw(machine);
  }

  @Override
  public void checkpoint(String machine, Path image) {
    throw NodeFault.precondition(
        "MEMORY_NOT_KEPT", "a virtual machine is not copied with its memory; gVisor can");
  }

  @Override
  public List<Path> traces() {
    return container.traces();
  }
}
