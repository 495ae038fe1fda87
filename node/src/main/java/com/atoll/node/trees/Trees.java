package com.atoll.node.trees;

import com.atoll.node.linux.Btrfs;
import com.atoll.node.records.Standstill;
import com.atoll.platform.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens the tree store of an installation. */
public final class Trees {
  private Trees() {}

  /**
   * On {@code $HOME/trees} where that is btrfs, else in the sparse image {@code $HOME/trees.img}
   * that is mounted at {@code $RUN/trees} in this process's mount namespace. After a crash, what is
   * still attached and mounted is used as it is.
   */
  public static TreeStore open(Installation installation) throws IOException {
    return open(installation, new Standstill());
  }

  /** The same; no tree comes or goes while the node stands still. */
  public static TreeStore open(Installation installation, Standstill standstill)
      throws IOException {
    return open(
        installation.home(),
        installation.run().resolve("trees"),
        installation.diskImageMb(),
        standstill);
  }

  /**
   * The store of a home that no node uses.
   *
   * @param mount where its image is mounted, when it has one
   * @param sizeMb the least size of the image
   */
  public static TreeStore open(Path folder, Path mount, long sizeMb, Standstill standstill)
      throws IOException {
    Path home = Files.createDirectories(folder);
    Path image = home.resolve("trees.img");
    if (!Files.exists(image) && Btrfs.holds(home)) {
      return new BtrfsTrees(HomeVolume.open(home.resolve("trees")), standstill);
    }
    return new BtrfsTrees(ImageVolume.open(image, mount, sizeMb), standstill);
  }
}
