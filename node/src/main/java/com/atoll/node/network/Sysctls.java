package com.atoll.node.network;

import com.atoll.node.linux.Descriptor;
import com.atoll.node.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of network namespaces. In one {@code /proc} the kernel keeps what was found under a name
 * for every namespace, and looks at all of it each time (fs/proc/proc_sysctl.c): beside a thousand
 * namespaces, that took milliseconds of each new one. So the host's own are found once, and few
 * namespaces share a {@code /proc}. What a kernel has not, it need not be told.
 */
final class Sysctls implements AutoCloseable {
  private static final int NAMESPACES_OF_A_VIEW = 16;

  private final Map<String, Descriptor> host = new HashMap<>();
  private @Nullable Descriptor view;
  private int namespaces;

  /**
   * One setting.
   *
   * @param family {@code ipv4} or {@code ipv6}
   * @param name its path below the family
   */
  record Setting(String family, String name, String value) {}

  /** For a thread in the host's namespace. */
  Sysctls() {
    for (String family : new String[] {"ipv4", "ipv6"}) {
      Path path = Path.of("/proc/sys/net", family);
      if (Files.isDirectory(path)) {
        host.put(family, Descriptor.open(path, Descriptor.PATH | Descriptor.DIRECTORY));
      }
    }
  }

  /** Sets those of the host's namespace; the calling thread is in it. */
  void setOfHost(Setting... settings) throws IOException {
    for (Setting setting : settings) {
      Descriptor family = host.get(setting.family());
      if (family != null) {
        write(family.path().resolve(setting.name()), setting.value());
      }
    }
  }

  /** Sets those of a new namespace; the calling thread is in it. */
  synchronized void setOfNew(Setting... settings) throws IOException {
    Path path = view().path().resolve("sys/net");
    for (Setting setting : settings) {
      write(path.resolve(setting.family()).resolve(setting.name()), setting.value());
    }
  }

  private Descriptor view() {
    Descriptor now = view;
    if (now == null || namespaces == NAMESPACES_OF_A_VIEW) {
      Descriptor next = Mounts.fresh("proc");
      if (now != null) {
        now.close();
      }
      now = next;
      view = next;
      namespaces = 0;
    }
    namespaces++;
    return now;
  }

  private static void write(Path setting, String value) throws IOException {
    try {
      Files.writeString(setting, value, StandardOpenOption.WRITE);
    } catch (NoSuchFileException absent) {
      return;
    }
  }

  @Override
  public synchronized void close() {
    host.values().forEach(Descriptor::close);
    if (view != null) {
      view.close();
      view = null;
    }
  }
}
