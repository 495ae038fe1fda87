package com.atoll.node.workloads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.atoll.node.cgroups.Cgroups;
import com.atoll.node.devices.Inventory;
import com.atoll.node.images.Image;
import com.atoll.node.images.Images;
import com.atoll.node.memories.MemoryImages;
import com.atoll.node.network.NetworkPool;
import com.atoll.node.records.RecordFolder;
import com.atoll.node.runtime.Isolations;
import com.atoll.node.runtime.Machines;
import com.atoll.node.runtime.Spawn;
import com.atoll.node.trees.Tree;
import com.atoll.node.trees.TreeStore;
import com.atoll.node.volumes.VolumeRecord;
import com.atoll.node.volumes.Volumes;
import com.atoll.platform.IsolationPolicy;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes on disk that cannot go on just now. */
final class SleepTest {
  @TempDir Path folder;

  @Test
  void aNodeWithoutAnAddressDoesNotGiveProcessesUp() throws IOException {
    Host host = host();
    Table table =
        new Table(
            new RecordFolder<>(folder.resolve("workloads"), WorkloadRecord.class),
            new Watchers<>());
    Sleep sleep =
        new Sleep(host, new Starter(host), table, new Attachments(host), new Checkpoints(host));
    host.memories().open();
    host.memories().begin("image");
    var _ = host.memories().seal("image", "token", List.of());
    WorkloadRecord paused =
        new WorkloadRecord(
                "w",
                new WorkloadRecord.Origin("t", "d", "tree"),
                new Terms("h", Shape.ofPool(), Map.of(), List.of(), 0, 0, false),
                new Place("m", 1, "10.0.0.1", 2, 1, Boot.WARM, 0),
                State.RUNNING,
                "",
                true,
                0,
                0)
            .asleep(new Place.Asleep("image", 0));
    Entry entry = table.adopt(paused, 0);
    IllegalStateException none =
        assertThrows(IllegalStateException.class, () -> sleep.woken(entry, paused));
    assertEquals("no address", none.getMessage());
  }

  private Host host() throws IOException {
    Tree tree = new Tree("tree", folder.resolve("tree"));
    TreeStore trees =
        only(TreeStore.class, Map.of("get", () -> tree, "leftBytes", () -> Long.MAX_VALUE));
    Image image = new Image("t", "d", folder, 1, 3000, Map.of());
    NetworkPool network =
        only(
            NetworkPool.class,
            Map.of(
                "take",
                () -> {
                  throw new IllegalStateException("no address");
                }));
    Cgroups cgroups = only(Cgroups.class, Map.of());
    Path run = folder.resolve("run");
    IsolationPolicy policy = IsolationPolicy.CONTAINERS;
    InstantSource clock = InstantSource.system();
    Path bin = folder.resolve("bin");
    return new Host(
        trees,
        only(Images.class, Map.of("byDigest", () -> image)),
        network,
        cgroups,
        new Machines(run, bin, new Spawn(run.resolve("spawn")), policy, cgroups, clock, false),
        new Isolations(policy, run, bin),
        new Volumes(trees, new RecordFolder<>(folder.resolve("volumes"), VolumeRecord.class)),
        new MemoryImages(folder.resolve("memories"), "none"),
        new Inventory(),
        run.resolve("views"),
        clock);
  }

  /** One that answers these of its methods, and must not be asked for others. */
  private static <T> T only(Class<T> type, Map<String, Supplier<Object>> answers) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, _) -> {
              Supplier<Object> answer = answers.get(method.getName());
              if (answer == null) {
                throw new UnsupportedOperationException(method.getName());
              }
              return answer.get();
            }));
  }
}
