package com.atoll.server.sandboxes;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a snapshot has besides its files, as it goes along with a copy of it: enough for a sandbox
 * on another installation to be as the one it was taken of.
 *
 * @param version of this form: 1, 2 with egress, or 3 with ports; whoever knows only less must not
 *     leave them out
 * @param name of the sandbox
 * @param size of the tier; null for a shape of its own
 * @param isolation what stood between it and the kernel
 * @param autoStart whether the app of its template starts with each new machine
 * @param env its environment
 * @param hidden names of variables that are never shown
 * @param egress what the guards keep of it; null for nothing
 * @param ports those that are not open to everybody; null for none
 */
public record Belongings(
    int version,
    String name,
    String templateId,
    @Nullable String size,
    int cpuCount,
    int memoryMb,
    int diskSizeMb,
    String isolation,
    boolean persistent,
    boolean alwaysOn,
    int timeoutSec,
    int idleTimeoutSec,
    Map<String, Object> metadata,
    List<String> tags,
    boolean autoStart,
    Map<String, String> env,
    Set<String> hidden,
    List<KeptService> services,
    @Nullable String egress,
    @Nullable List<KeptPort> ports) {
  /** The newest form that is understood here. */
  static final int NEWEST = 3;

  List<KeptPort> withheld() {
    return ports == null ? List.of() : ports;
  }
}
