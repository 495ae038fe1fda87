package com.atoll.node.runtime;

import com.atoll.node.faults.NodeFault;
import com.atoll.node.guest.GuestClient;
import com.atoll.node.memories.MemoryImages;
import com.atoll.node.network.Slot;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import tools.jackson.databind.json.JsonMapper;

/**
 * Machines under gVisor. Its sandbox takes no socket from outside (one that is bound on the host
 * could not be checkpointed either), so the agent listens on TCP in the machine's own network and
 * asks for a token that only the node and process 1 know. Each machine has a state folder of its
 * own, so that the end of one leaves nothing to look for.
 */
final class GvisorDriver implements Driver {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String TOKEN = "token";
  private static final int TOKEN_BYTES = 32;

  private final Path state;
  private final Path runsc;
  private final GvisorControl control;
  private final GvisorConfig config;
  private final Spawn spawn;
  private final UnaryOperator<String> cgroupPath;

  GvisorDriver(
      Path run, Path runsc, GvisorConfig config, Spawn spawn, UnaryOperator<String> cgroupPath) {
    this.state = run.resolve("runsc");
    this.runsc = runsc;
    this.control = new GvisorControl(runsc, state);
    this.config = config;
    this.spawn = spawn;
    this.cgroupPath = cgroupPath;
  }

  @Override
  public long start(Bundle bundle, Path folder) throws IOException {
    if (bundle.image().nesting()) {
      throw NodeFault.precondition(
          "ISOLATION_UNAVAILABLE",
          "a sandbox that runs containers itself needs the isolation container");
    }
    String id = bundle.machine();
    Bundle.Memory memory = bundle.memory();
    String token = memory != null && memory.same() ? memory.token() : newToken();
    secret(folder.resolve(TOKEN), token.getBytes(StandardCharsets.US_ASCII));
    Path layers = folder.resolve("layers");
    Map<String, Object> json =
        config.of(bundle, Spawn.root(folder), layers, cgroupPath.apply(id), token);
    secret(folder.resolve("config.json"), JSON.writeValueAsBytes(json));
    Path own = Files.createDirectory(state.resolve(id));
    Map<String, Object> request = new HashMap<>();
    request.put("driver", "gvisor");
    request.put("runtime", runsc.toString());
    request.put("state_root", own.toString());
    request.put("binds", memory == null ? List.of() : binds(memory));
    if (memory != null) {
      request.put("restore", memory.image().toString());
      request.put("settled", MemoryImages.isSealed(memory.image()));
    }
    return spawn.start(bundle, folder, request);
  }

  private static List<Map<String, Object>> binds(Bundle.Memory memory) {
    List<Map<String, Object>> binds = new ArrayList<>();
    for (Bundle.Volume volume : memory.volumes()) {
      binds.add(
          Map.of(
              "source",
              volume.source().toString(),
              "name",
              GvisorConfig.LIVE + "/" + volume.name(),
              "read_only",
              volume.readOnly()));
    }
    return binds;
  }

  @Override
  public GuestClient guest(String machine, Slot slot, Path folder) throws IOException {
    String token = Files.readString(folder.resolve(TOKEN));
    return new GuestClient(new InetSocketAddress(slot.address(), GvisorConfig.AGENT_PORT), token);
  }

  /**
   * By its own kernel: the host's freezer, which stops a process anywhere, ends about one in a
   * hundred of its guests by a signal when they are thawed.
   */
  @Override
  public void freeze(String machine) {
    control.pause(machine);
  }

  @Override
  public void thaw(String machine) {
    control.resume(machine);
  }

  @Override
  public void checkpoint(String machine, Path image) {
    control.checkpoint(machine, image);
  }

  @Override
  public List<Path> traces() {
    return List.of(state);
  }

  /** Its kernel has another process open files for it; what runs inside has no name here. */
  static boolean isFilesProcess(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1)
          .startsWith("runsc-gofer\0");
    } catch (IOException ended) {
      return false;
    }
  }

  private static String newToken() {
    byte[] bytes = new byte[TOKEN_BYTES];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** A file for root alone: the folder lets others through to the root file system. */
  private static void secret(Path file, byte[] content) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(file, content);
  }
}
