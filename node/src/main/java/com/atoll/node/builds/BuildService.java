package com.atoll.node.builds;

import com.atoll.node.images.Images;
import com.atoll.node.records.RecordFolder;
import com.atoll.node.records.Standstill;
import com.atoll.node.registries.Registries;
import com.atoll.node.trees.TreeStore;
import com.atoll.node.workloads.Workloads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;

/** Everything that builds images on this node. */
public final class BuildService {
  private final StepCache cache;
  private final Uploads uploads;
  private final Images images;
  private final Path folder;
  private final Standstill standstill;
  private final TreeStore trees;
  private final InstantSource clock;
  private final Registries registries;

  /**
   * Reads what is kept; builds nothing yet.
   *
   * @param folder where records and logs lie
   * @param registries where images may come from
   * @param standstill what holds changes back
   */
  public BuildService(
      TreeStore trees,
      Images images,
      Path folder,
      InstantSource clock,
      Registries registries,
      Standstill standstill)
      throws IOException {
    this.standstill = standstill;
    this.registries = registries;
    this.trees = trees;
    this.images = images;
    this.folder = folder;
    this.clock = clock;
    cache =
        new StepCache(
            trees, new RecordFolder<>(folder.resolve("steps"), StepCache.Kept.class, standstill));
    uploads =
        new Uploads(
            folder.resolve("files"),
            new RecordFolder<>(folder.resolve("uploads"), Uploads.Kept.class, standstill),
            clock);
  }

  /** The files that steps copy. */
  public Uploads uploads() {
    return uploads;
  }

  /** Trees that belong to images and to kept steps. */
  public Set<String> trees() {
    Set<String> used = new HashSet<>(images.trees());
    used.addAll(cache.trees());
    return used;
  }

  /**
   * Takes up what an earlier process left, and builds what is asked for from now on.
   *
   * @param usedImages digests that workloads and releases stand on
   */
  public Builds open(Workloads workloads, Supplier<Set<String>> usedImages) throws IOException {
    Path logs = Files.createDirectories(folder.resolve("logs"));
    Pulls pulls = new Pulls(workloads, trees, images, registries);
    Bases bases = new Bases(images, pulls);
    Workshop shop = new Workshop(workloads, trees, images, cache, uploads, bases, clock);
    images.builtBy(new BuiltIns(shop, logs));
    Builds builds =
        new Builds(
            shop,
            new RecordFolder<>(folder.resolve("records"), BuildRecord.class, standstill),
            logs);
    builds.open(usedImages);
    return builds;
  }
}
