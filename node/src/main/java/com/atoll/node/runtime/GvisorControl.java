package com.atoll.node.runtime;

import com.atoll.node.linux.HostProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** What runsc tells the kernel of a machine that runs. */
final class GvisorControl {
  /** How a kernel answers that ended before or while it was told something. */
  private static final List<String> ENDED =
      List.of("connection refused", "connection reset by peer", ": EOF");

  private final Path runsc;
  private final Path state;

  /**
   * Machines of this runsc.
   *
   * @param state has a folder for each
   */
  GvisorControl(Path runsc, Path state) {
    this.runsc = runsc;
    this.state = state;
  }

  /** Has its processes stand still. */
  void pause(String machine) {
    change("pause", machine, "cannot pause");
  }

  /** Has them go on. */
  void resume(String machine) {
    change("resume", machine, "cannot resume");
  }

  /** Writes its processes into an empty folder; they go on. */
  void checkpoint(String machine, Path image) {
    try {
      run(
          "--root=" + state.resolve(machine),
          "checkpoint",
          "--image-path=" + image,
          "--leave-running",
          "--compression=none",
          machine);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep the memory of " + machine, e);
    }
  }

  /**
   * Nothing of a machine whose kernel has ended moves, and nothing has to: whoever copies its files
   * has them, as with a container whose processes have ended.
   *
   * @param done what it says when there was nothing to do
   */
  private void change(String what, String machine, String done) {
    try {
      run("--root=" + state.resolve(machine), what, machine);
    } catch (IOException e) {
      String complaint = String.valueOf(e.getMessage());
      boolean nothing = complaint.contains(done) && complaint.contains("in state");
      if (!nothing && ENDED.stream().noneMatch(complaint::contains)) {
        throw new UncheckedIOException(what + " " + machine, e);
      }
    }
  }

  private void run(String... arguments) throws IOException {
    new HostProgram(runsc).run(arguments);
  }
}
