package com.atoll.node.trees;

import com.atoll.node.linux.Btrfs;
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
    Path home = Files.createDirectories(installation.home());
    Path image = home.resolve("trees.img");
    if (!Files.exists(image) && Btrfs.holds(home)) {
      return new BtrfsTrees(HomeVolume.open(home.resolve("trees")));
    }
    return new BtrfsTrees(
        ImageVolume.open(image, installation.run().resolve("trees"), installation.diskImageMb()));
  }
}
