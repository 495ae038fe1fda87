package com.atoll.node.runtime;

import com.atoll.node.guest.GuestClient;
import com.atoll.node.network.Slot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A kind of isolation: how a machine of it is started and its agent reached. What it leaves on the
 * host lies in {@link #traces}, by the machine's id; its processes are in the machine's control
 * group.
 */
interface Driver {
  /**
   * Starts process 1.
   *
   * @param folder the machine's own, empty
   * @return the process whose end is the machine's end, as the host counts
   */
  long start(Bundle bundle, Path folder) throws IOException;

  /** The way to the agent of a machine that was started from this folder. */
  GuestClient guest(String machine, Slot slot, Path folder) throws IOException;

  /**
   * Has written to the machine's files what it keeps of them in a memory of its own. One that does
   * not answer keeps it.
   */
  default void settle(String machine) {}

  /** Stops every process of the machine where it stands. One that stands still is left so. */
  void freeze(String machine);

  /** Undoes {@link #freeze}; one that runs is left so. */
  void thaw(String machine);

  /**
   * Writes the processes of a machine, memory and all, into an empty folder; it runs on afterwards.
   */
  void checkpoint(String machine, Path image);

  /** Folders whose entries are named after machines. */
  List<Path> traces();
}
