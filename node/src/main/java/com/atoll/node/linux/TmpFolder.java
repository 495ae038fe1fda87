package com.atoll.node.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Keeps {@code /tmp} of a tree on the disk. gVisor mounts memory on one that is empty, and what is
 * written there would be lost with the processes. So it is given the folder that {@code
 * systemd-tmpfiles} makes on any other system.
 */
public final class TmpFolder {
  private static final Logger LOG = Logger.getLogger(TmpFolder.class.getName());
  private static final String TMP = "tmp";
  private static final String SOCKETS = ".X11-unix";

  /** Everybody's, and each one's files are their own. */
  private static final int STICKY = 01777;

  private TmpFolder() {}

  /**
   * Sees to it that it is not empty. Whoever has made something else of it, the image or the
   * tenant, has that.
   *
   * @param lowers what is below, the topmost first
   * @param upper what a workload has changed, upper directory of an overlay; nothing runs on it
   */
  public static void keep(List<Path> lowers, Path upper) {
    for (Path lower : lowers) {
      try (Descriptor below = Descriptor.open(lower, Descriptor.DIRECTORY);
          Descriptor tmp = Descriptor.openWithoutLinks(below, TMP, Descriptor.DIRECTORY)) {
        if (!isUsual(tmp)) {
          return;
        }
        break;
      } catch (LinuxException e) {
        if (!e.is(Errno.ENOENT)) {
          return;
        }
      } catch (IOException e) {
        LOG.log(Level.FINE, e, () -> lower + " has another " + TMP);
        return;
      }
    }
    try (Descriptor tree = Descriptor.open(upper, Descriptor.DIRECTORY);
        Descriptor tmp = folder(tree, TMP);
        Descriptor _ = folder(tmp, SOCKETS)) {
      LOG.finest(() -> upper + " keeps its " + TMP);
    } catch (LinuxException | IOException e) {
      LOG.log(Level.FINE, e, () -> upper + " has another " + TMP);
    }
  }

  private static boolean isUsual(Descriptor tmp) throws IOException {
    Map<String, Object> found = Files.readAttributes(tmp.path(), "unix:mode,uid");
    return found.get("mode") instanceof Integer mode
        && (mode & 07777) == STICKY
        && Objects.equals(found.get("uid"), 0);
  }

  private static Descriptor folder(Descriptor parent, String name) throws IOException {
    boolean made = parent.makeDirectory(name, STICKY);
    Descriptor folder = Descriptor.openWithoutLinks(parent, name, Descriptor.DIRECTORY);
    if (made) {
      // The mask of this process took bits away.
      Files.setAttribute(folder.path(), "unix:mode", STICKY);
    }
    return folder;
  }
}
