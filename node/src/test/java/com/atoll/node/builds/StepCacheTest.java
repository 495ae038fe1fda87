package com.atoll.node.builds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.atoll.node.records.RecordFolder;
import com.atoll.node.trees.Tree;
import com.atoll.node.trees.TreeStore;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What builds keep of their steps for one another. */
@Timeout(60)
class StepCacheTest {
  private static final long MINUTE_MS = 60_000;
  private static final long EVERYTHING = 1_000;

  @TempDir Path folder;
  private final Set<String> trees = ConcurrentHashMap.newKeySet();
  private long available = EVERYTHING;
  private StepCache cache;

  @BeforeEach
  void begin() throws IOException {
    cache = new StepCache(store(), new RecordFolder<>(folder, StepCache.Kept.class));
  }

  private TreeStore store() {
    Class<?>[] kind = {TreeStore.class};
    return (TreeStore)
        Proxy.newProxyInstance(
            TreeStore.class.getClassLoader(),
            kind,
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "find" ->
                      Optional.of(String.valueOf(arguments[0]))
                          .filter(trees::contains)
                          .map(id -> new Tree(id, folder));
                  case "drop" -> {
                    trees.remove(String.valueOf(arguments[0]));
                    yield null;
                  }
                  case "capacity" -> new TreeStore.Capacity(EVERYTHING, available);
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private StepCache.Kept keep(String key, long nowMs, long size) {
    return cache.keep(
        key,
        () -> nowMs,
        tree -> {
          assertTrue(trees.add(tree), tree);
          return size;
        });
  }

  @Test
  void whatABuildHasJustFoundStaysHoweverFullTheDiskIs() {
    keep("one", 0, 5);
    keep("two", 0, 5);
    available = 0;
    assertTrue(cache.find("two", 2 * MINUTE_MS).isPresent());
    cache.trim(2 * MINUTE_MS + 1);
    assertEquals(Set.of(StepCache.treeOf("two")), trees);
    cache.trim(4 * MINUTE_MS);
    assertEquals(Set.of(), trees);
  }

  @Test
  void ofBuildsThatDoTheSameAtOnceTheFirstKeepsIt() throws Exception {
    CountDownLatch freezing = new CountDownLatch(1);
    CountDownLatch frozen = new CountDownLatch(1);
    CompletableFuture<StepCache.Kept> first =
        CompletableFuture.supplyAsync(() ->
            cache.keep(
                "one",
                () -> 0,
                tree -> {
                  freezing.countDown();
                  await(frozen);
                  assertTrue(trees.add(tree));
                  return 5;
                }));
    await(freezing);
    CompletableFuture<StepCache.Kept> second =
        CompletableFuture.supplyAsync(() -> keep("one", 0, 9));
    assertEquals(7, keep("other", 0, 7).sizeBytes());
    frozen.countDown();
    assertEquals(5, first.get().sizeBytes());
    assertEquals(5, second.get().sizeBytes());
    assertEquals(Set.of(StepCache.treeOf("one"), StepCache.treeOf("other")), trees);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(30, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
