package com.atoll.node.images;

import com.atoll.node.linux.Descriptor;
import com.atoll.node.linux.Errno;
import com.atoll.node.linux.LinuxException;
import com.atoll.node.linux.LoopDevices;
import com.atoll.node.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A packed image and the place where it is mounted.
 *
 * @param file the packed image
 * @param root its mount point
 */
record ImageFile(Path file, Path root) {
  /** Mounts it, when it is not. */
  void mount() throws IOException {
    Files.createDirectories(root);
    if (!Mounts.isMounted(root)) {
      Path device = LoopDevices.attach(file, true);
      Mounts.mount(
          device.toString(),
          root,
          "erofs",
          Mounts.READ_ONLY | Mounts.NO_DEVICES | Mounts.NO_ATIME,
          "");
    }
  }

  /** Unmounts it and frees its device. */
  void unmount() throws IOException {
    Mounts.unmount(root);
    Optional<Path> device = Files.exists(file) ? LoopDevices.find(file) : Optional.empty();
    device.ifPresent(LoopDevices::detach);
    Files.deleteIfExists(root);
  }

  /** Variables for every process inside. Links lead where they do in the image. */
  Map<String, String> environment() throws IOException {
    Map<String, String> variables = new LinkedHashMap<>();
    try (Descriptor files = Descriptor.open(root, Descriptor.PATH | Descriptor.DIRECTORY);
        Descriptor list = Descriptor.openInside(files, "etc/atoll/env", Descriptor.READ_ONLY)) {
      for (String line : Files.readAllLines(list.path())) {
        int equals = line.indexOf('=');
        if (equals > 0) {
          variables.put(line.substring(0, equals), line.substring(equals + 1));
        }
      }
    } catch (LinuxException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
    return variables;
  }
}
