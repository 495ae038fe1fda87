package com.atoll.node.backup;

import com.atoll.node.faults.NodeFault;
import com.atoll.node.records.Standstill;
import com.atoll.node.trees.TreeStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is kept of this node while a backup reads it: trees as read-only copies, records, images and
 * exports as second names of files that are never changed in place. What an earlier process kept is
 * swept at the start.
 */
public final class Holds {
  private static final Logger LOG = Logger.getLogger(Holds.class.getName());
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Describes the trees: a list of {@link com.atoll.node.trees.KeptTree}. */
  static final String TREES = "trees.json";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final TreeStore trees;
  private final Path home;
  private final Standstill standstill;
  private final AtomicBoolean taken = new AtomicBoolean();

  /** Sweeps what was left, and is ready for a backup. */
  public Holds(TreeStore trees, Path home, Standstill standstill) throws IOException {
    this.trees = trees;
    this.home = home;
    this.standstill = standstill;
    Folders.remove(folder(home));
  }

  /** Where files of backups are kept; trees lie in {@code backup} of their store. */
  static Path folder(Path home) {
    return home.resolve("backup");
  }

  /** Begins one; PRECONDITION when there is one. */
  public Hold begin() {
    if (!taken.compareAndSet(false, true)) {
      throw NodeFault.precondition("BACKUP_RUNS", "another backup is being written");
    }
    return new Hold("b-" + UUID.randomUUID());
  }

  /** One backup's. */
  public final class Hold implements AutoCloseable {
    private final String name;
    private final Path files;

    private Hold(String name) {
      this.name = name;
      files = folder(home).resolve(name);
    }

    /** The name of its folders. */
    public String name() {
      return name;
    }

    /** What takes time: names for large folders, and what is dirty is written. */
    public void prepare() {
      try {
        Folders.secret(Files.createDirectories(files));
        linkWhatIsNew();
        trees.sync();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot prepare a backup", e);
      }
    }

    /** Has the node stand still until this is closed, and keeps what it has. */
    public Standstill.End standStill() {
      Standstill.End end = standstill.all(PATIENCE);
      try {
        Files.write(files.resolve(TREES), JSON.writeValueAsBytes(trees.keepAll(name)));
        linkWhatIsNew();
        Folders.link(home.resolve("node"), files.resolve("node"));
        // Forks that were under way: nobody goes on from half of one.
        Folders.remove(files.resolve("node/memories"));
        return end;
      } catch (IOException e) {
        end.close();
        throw new UncheckedIOException("cannot keep the node's files", e);
      } catch (RuntimeException e) {
        end.close();
        throw e;
      }
    }

    /** Images and exports have their name once they are whole, and never change. */
    private void linkWhatIsNew() throws IOException {
      Folders.linkEach(home.resolve("images"), files.resolve("images"), ".erofs");
      Folders.linkEach(home.resolve("releases"), files.resolve("releases"), "");
    }

    @Override
    public void close() {
      try {
        trees.dropKept(name);
        Folders.remove(files);
      } catch (IOException | RuntimeException e) {
        LOG.log(Level.WARNING, e, () -> "what was kept for a backup goes at the next start");
      } finally {
        taken.set(false);
      }
    }
  }
}
