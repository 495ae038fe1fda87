package com.atoll.node.runtime;

import com.atoll.node.devices.ContainerEdits;
import com.atoll.node.devices.Device;
import com.atoll.node.images.Image;
import com.atoll.node.network.Slot;
import com.atoll.node.trees.Tree;
import com.atoll.node.workloads.Shape;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a machine is made of.
 *
 * @param machine its id
 * @param tree its files
 * @param image what lies below them
 * @param slot its network and user ids
 * @param shape its limits
 * @param hostname its name inside
 * @param isolation what stands between it and the kernel
 * @param directories what it sees from its first moment besides its own files; only where nothing
 *     can be mounted later
 * @param devices what of the host it has; containers only
 * @param edits what these add to it
 * @param memory what its processes go on from; null when they begin
 */
public record Bundle(
    String machine,
    Tree tree,
    Image image,
    Slot slot,
    Shape shape,
    String hostname,
    Isolation isolation,
    List<Directory> directories,
    List<Device> devices,
    ContainerEdits edits,
    @Nullable Memory memory) {

  /**
   * The processes of a machine as they were at one moment.
   *
   * @param image folder that holds them
   * @param token what their agent asks for
   * @param volumes what they have besides their own files
   * @param same whether they stay the machine that they were, rather than become a copy of it
   */
  public record Memory(Path image, String token, List<Volume> volumes, boolean same) {}

  /**
   * A volume.
   *
   * @param name under which it is shown
   * @param source where its files are
   * @param readOnly whether nobody inside may write to it
   */
  public record Volume(String name, Path source, boolean readOnly) {}

  /**
   * A directory of the host's.
   *
   * @param source where its files are
   * @param target absolute path inside
   * @param readOnly whether nobody inside may write to it
   */
  public record Directory(Path source, String target, boolean readOnly) {}

  /** What a container is made of. */
  public Bundle(String machine, Tree tree, Image image, Slot slot, Shape shape, String hostname) {
    this(
        machine,
        tree,
        image,
        slot,
        shape,
        hostname,
        Isolation.CONTAINER,
        List.of(),
        List.of(),
        ContainerEdits.NONE,
        null);
  }
}
