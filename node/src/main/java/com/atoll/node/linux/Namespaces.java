package com.atoll.node.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;

/**
 * Work inside the namespaces of another process. A thread that changed its namespaces is never used
 * for anything else: each piece runs on one of its own that ends with it, but for host names, which
 * one thread gives that does nothing besides.
 */
public final class Namespaces {
  private static final long SYS_UNSHARE = 272;
  private static final long SYS_SETNS = 308;
  private static final long SYS_SETHOSTNAME = 170;
  private static final long SYS_FCHDIR = 81;
  private static final long SYS_UMASK = 95;
  private static final long CLONE_NEWNS = 0x20000;
  private static final long CLONE_FS = 0x200;
  private static final long CLONE_NEWUTS = 0x4000000;
  private static final long CLONE_NEWNET = 0x40000000;
  private static final MethodHandle IF_NAMETOINDEX =
      Native.intFunction(Native.LINKER.defaultLookup(), "if_nametoindex", ADDRESS);

  /** Every creation of a sandbox names one; a new thread for that costs more than the naming. */
  private static final ExecutorService NAMING =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("host-names").factory());

  private Namespaces() {}

  /** Names the machine that the process sees, while {@code meanwhile} runs on this thread. */
  public static void setHostname(Inside inside, String name, Runnable meanwhile) {
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
    if (bytes.length == 0 || bytes.length > 64) {
      throw new IllegalArgumentException("a host name has 1 to 64 bytes");
    }
    FutureTask<Integer> naming =
        new FutureTask<>(() -> {
          try (Descriptor process = inside.hold();
              Descriptor uts = inside.open("uts");
              Arena arena = Arena.ofConfined()) {
            inside.require(process);
            enter(uts, CLONE_NEWUTS);
            MemorySegment text = arena.allocateFrom(name);
            Native.call("sethostname", SYS_SETHOSTNAME, text.address(), bytes.length);
          }
          return 0;
        });
    NAMING.execute(naming);
    try {
      meanwhile.run();
    } finally {
      var _ = await(naming);
    }
  }

  /**
   * Mounts a directory of ours inside a running process's tree, with owners seen through its user
   * namespace. What is missing of the target is made, as by its root; a symbolic link on the way to
   * it is refused.
   */
  public static void mountInto(Inside inside, Path source, String target, boolean readOnly) {
    onOwnThread(() -> {
      Native.call("unshare", SYS_UNSHARE, CLONE_FS);
      try (Descriptor copy = Mounts.copy(source);
          Descriptor process = inside.hold();
          Descriptor users = inside.open("user");
          Descriptor mounts = inside.open("mnt");
          Descriptor root = inside.root()) {
        inside.require(process);
        Mounts.mapOwners(copy, users, readOnly);
        // Before the thread sees the guest's files only: where nothing of ours can be loaded.
        FileOwner.become(inside.firstUid());
        Native.call("umask", SYS_UMASK, 0);
        enter(mounts, CLONE_NEWNS);
        try (Descriptor place = made(root, target)) {
          Mounts.attach(copy, place);
        }
      }
      return 0;
    });
  }

  private static Descriptor made(Descriptor root, String path) {
    int kind = Descriptor.PATH | Descriptor.DIRECTORY;
    try {
      return Descriptor.openWithoutLinks(root, path, kind);
    } catch (LinuxException missing) {
      if (!missing.is(Errno.ENOENT)) {
        throw missing;
      }
    }
    Descriptor at = Descriptor.openWithoutLinks(root, "/", kind);
    for (String name : path.substring(1).split("/", -1)) {
      try (Descriptor above = at) {
        var _ = above.makeDirectory(name, 0755);
        at = Descriptor.openWithoutLinks(above, name, kind);
      }
    }
    return at;
  }

  /**
   * Mounts a directory of ours as {@code name} in a folder of a process's tree that no guest can
   * change; it is made there when it is missing.
   */
  public static void mountNamed(
      Inside inside, Path source, String folder, String name, boolean readOnly) {
    onOwnThread(() -> {
      Native.call("unshare", SYS_UNSHARE, CLONE_FS);
      try (Descriptor copy = Mounts.copy(source);
          Descriptor process = inside.hold();
          Descriptor users = inside.open("user");
          Descriptor mounts = inside.open("mnt");
          Descriptor root = inside.root();
          Descriptor above = openFolder(root, folder)) {
        inside.require(process);
        Path place = above.path().resolve(name);
        if (!Files.isDirectory(place)) {
          Files.createDirectory(place);
        }
        Mounts.mapOwners(copy, users, readOnly);
        try (Descriptor target = openFolder(above, name)) {
          enter(mounts, CLONE_NEWNS);
          Mounts.attach(copy, target);
        }
      }
      return 0;
    });
  }

  /** Takes a mount out that {@link #mountNamed} made; it ends when its last user does. */
  public static void unmountNamed(Inside inside, String folder, String name) {
    onOwnThread(() -> {
      Native.call("unshare", SYS_UNSHARE, CLONE_FS);
      try (Descriptor process = inside.hold();
          Descriptor mounts = inside.open("mnt");
          Descriptor root = inside.root();
          Descriptor above = openFolder(root, folder)) {
        inside.require(process);
        enter(mounts, CLONE_NEWNS);
        Native.call("fchdir", SYS_FCHDIR, above.number());
        Mounts.detach(Path.of(name));
      }
      return 0;
    });
  }

  private static Descriptor openFolder(Descriptor root, String path) {
    return Descriptor.openWithoutLinks(root, path, Descriptor.PATH | Descriptor.DIRECTORY);
  }

  /**
   * Ends the topmost mount at an absolute path inside a process's tree. Nothing inside may run
   * meanwhile: the path is looked up again after it was found to have no symbolic link.
   */
  public static void unmountIn(Inside inside, String target) {
    onOwnThread(() -> {
      Native.call("unshare", SYS_UNSHARE, CLONE_FS);
      try (Descriptor process = inside.hold();
          Descriptor mounts = inside.open("mnt");
          Descriptor root = inside.root()) {
        inside.require(process);
        enter(mounts, CLONE_NEWNS);
        Descriptor.openWithoutLinks(root, target, Descriptor.PATH | Descriptor.DIRECTORY).close();
        Mounts.unmountHere(target);
      }
      return 0;
    });
  }

  /**
   * Ends the topmost mounts at these absolute paths inside a process's tree, where no guest can
   * change the way to them, and all waiting for those who serve them.
   */
  public static void abortIn(Inside inside, List<String> targets) {
    onOwnThread(() -> {
      Native.call("unshare", SYS_UNSHARE, CLONE_FS);
      try (Descriptor process = inside.hold();
          Descriptor mounts = inside.open("mnt")) {
        inside.require(process);
        enter(mounts, CLONE_NEWNS);
        targets.forEach(Mounts::abort);
      }
      return 0;
    });
  }

  /**
   * A new network namespace, prepared by {@code inside} on a thread that lives in it. It ends when
   * the descriptor is closed and no process is in it.
   */
  public static Descriptor newNetwork(Callable<?> inside) {
    return onOwnThread(() -> {
      Native.call("unshare", SYS_UNSHARE, CLONE_NEWNET);
      Descriptor network =
          Descriptor.open(Path.of("/proc/thread-self/ns/net"), Descriptor.READ_ONLY);
      try {
        inside.call();
        return network;
      } catch (Exception e) {
        network.close();
        throw e;
      }
    });
  }

  /** Runs {@code inside} on a thread that lives in this network namespace. */
  public static <T> T inNetwork(Descriptor network, Callable<T> inside) {
    return onOwnThread(() -> {
      enter(network, CLONE_NEWNET);
      return inside.call();
    });
  }

  /** The kernel's number of a network interface in the calling thread's namespace; 0 = none. */
  public static int interfaceIndex(String name) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) IF_NAMETOINDEX.invokeExact(arena.allocateFrom(name));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static void enter(Descriptor namespace, long kind) {
    Native.call("setns", SYS_SETNS, namespace.number(), kind);
  }

  private static <T> T onOwnThread(Callable<T> work) {
    return await(begin(work));
  }

  private static <T> FutureTask<T> begin(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    SpareThread.run(task);
    return task;
  }

  private static <T> T await(FutureTask<T> task) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          // Half a namespace helps nobody: the work is short and is waited for.
          interrupted = true;
        } catch (ExecutionException e) {
          if (e.getCause() instanceof RuntimeException cause) {
            throw cause;
          }
          throw new IllegalStateException(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
