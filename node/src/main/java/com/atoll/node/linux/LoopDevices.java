package com.atoll.node.linux;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Files as block devices. Direct i/o, so that the page cache holds each block once. */
public final class LoopDevices {
  private static final long LOOP_SET_CAPACITY = 0x4C07;
  private static final long LOOP_CLR_FD = 0x4C01;

  private LoopDevices() {}

  /** The device of this file, attached now or before: one file never has two. */
  public static Path attach(Path file, boolean readOnly) throws IOException {
    Optional<Path> attached = find(file);
    if (attached.isPresent()) {
      return attached.get();
    }
    HostProgram losetup = HostProgram.require("losetup");
    String real = file.toRealPath().toString();
    return Path.of(
        readOnly
            ? losetup.run("--find", "--show", "--direct-io=on", "--read-only", real)
            : losetup.run("--find", "--show", "--direct-io=on", real));
  }

  /** The device of this file, when it has one. */
  public static Optional<Path> find(Path file) throws IOException {
    String wanted = file.toRealPath().toString();
    return attached(wanted::equals).stream().findFirst();
  }

  /** The devices of all files below this folder, those that were removed meanwhile too. */
  public static List<Path> below(Path folder) throws IOException {
    String prefix = folder.toRealPath() + "/";
    return attached(file -> file.startsWith(prefix));
  }

  private static List<Path> attached(Predicate<String> wanted) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> devices = Files.newDirectoryStream(Path.of("/sys/block"), "loop*")) {
      for (Path device : devices) {
        Path backing = device.resolve("loop/backing_file");
        // Another program may detach it between the two looks.
        if (Files.exists(backing) && wanted.test(Files.readString(backing).strip())) {
          found.add(Path.of("/dev", device.getFileName().toString()));
        }
      }
    }
    return found;
  }

  /** Takes notice of a file that grew. */
  public static void resized(Path device) {
    try (Descriptor open = Descriptor.open(device, Descriptor.READ_ONLY)) {
      open.ioctl("loop capacity", LOOP_SET_CAPACITY, 0);
    }
  }

  /** Frees the device; one that is still mounted somewhere is freed when that ends. */
  public static void detach(Path device) {
    try (Descriptor open = Descriptor.open(device, Descriptor.READ_ONLY)) {
      open.ioctl("loop detach", LOOP_CLR_FD, 0);
    } catch (LinuxException e) {
      if (!e.is(Errno.ENXIO) && !e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }
}
