package com.atoll.node.linux;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.logging.Level;
import java.util.logging.Logger;

/** How late a timer of a thread may come, so that the kernel wakes it less often. */
public final class TimerSlack {
  private static final Logger LOG = Logger.getLogger(TimerSlack.class.getName());

  private TimerSlack() {}

  /**
   * Sets it for the second thread that a process started, in nanoseconds
   * (proc_pid_timerslack_ns(5)). It is no harm when that is another process by now, and no fault
   * when there is none: what the thread does stays right.
   */
  public static void ofSecondThread(long pid, long nanos) {
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/" + pid, "task"))) {
      Iterator<Path> inOrder = tasks.iterator();
      if (inOrder.hasNext() && inOrder.next() != null && inOrder.hasNext()) {
        Path thread = Path.of("/proc", inOrder.next().getFileName().toString(), "timerslack_ns");
        Files.writeString(thread, Long.toString(nanos));
      }
    } catch (IOException e) {
      LOG.log(Level.FINE, e, () -> "timer slack of " + pid);
    }
  }
}
