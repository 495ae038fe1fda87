package com.atoll.node.runtime;

import com.atoll.node.cgroups.Cgroups;
import com.atoll.node.devices.Device;
import com.atoll.node.devices.DeviceNode;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.guest.GuestClient;
import com.atoll.node.network.Slot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Containers of an OCI runtime. The agent gets its listening socket from outside. */
final class OciDriver implements Driver {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path state;
  private final Path sockets;
  private final OciConfig config;
  private final Spawn spawn;
  private final Cgroups cgroups;
  private final PressureMeters meters;

  OciDriver(Path run, OciConfig config, Spawn spawn, Cgroups cgroups) {
    this.state = run.resolve("crun");
    this.sockets = run.resolve("guest");
    this.config = config;
    this.spawn = spawn;
    this.cgroups = cgroups;
    meters = PressureMeters.ofMachine(run);
  }

  @Override
  public long start(Bundle bundle, Path folder) throws IOException {
    String id = bundle.machine();
    Map<String, Object> json = config.of(bundle, Spawn.root(folder), cgroups.ociPath(id));
    Files.write(folder.resolve("config.json"), JSON.writeValueAsBytes(json));
    Map<String, Object> fields = request(id);
    if (bundle.image().nesting()) {
      meters.close();
      fields.put(
          "nesting",
          Map.of(
              "network", bundle.slot().netns(),
              "address", bundle.slot().address().getHostAddress(),
              "gateway", bundle.slot().gateway().getHostAddress(),
              "cgroup", cgroups.ociPath(id)));
    } else {
      fields.put("own_proc", true);
    }
    if (bundle.devices().contains(Device.KVM)) {
      fields.put("kvm", true);
    }
    List<DeviceNode> nodes = bundle.edits().nodes();
    if (!nodes.isEmpty()) {
      List<Map<String, Object>> devices = new ArrayList<>();
      for (int i = 0; i < nodes.size(); i++) {
        DeviceNode node = nodes.get(i);
        devices.add(
            Map.of("name", OciConfig.node(i), "major", node.major(), "minor", node.minor()));
      }
      fields.put("devices", devices);
    }
    return spawn.start(bundle, folder, fields);
  }

  /** Where the runtime keeps what it knows of a machine, and where its agent listens. */
  Map<String, Object> request(String machine) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("state_root", state.toString());
    fields.put("listen", socket(machine).toString());
    return fields;
  }

  @Override
  public GuestClient guest(String machine, Slot slot, Path folder) {
    return guest(machine);
  }

  GuestClient guest(String machine) {
    return new GuestClient(socket(machine));
  }

  @Override
  public void freeze(String machine) {
    OwnProc.freeze(cgroups, machine);
  }

  @Override
  public void thaw(String machine) {
    cgroups.thaw(machine);
  }

  @Override
  public void checkpoint(String machine, Path image) {
    throw NodeFault.precondition(
        "MEMORY_NOT_KEPT", "a container cannot be copied with its memory; gVisor can");
  }

  @Override
  public List<Path> traces() {
    return List.of(state, sockets);
  }

  private Path socket(String machine) {
    return sockets.resolve(machine + ".sock");
  }
}
