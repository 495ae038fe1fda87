package com.atoll.node.backup;

import com.atoll.node.linux.BtrfsStreams;
import com.atoll.node.trees.KeptTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * Trees as streams of changes. Each is described against the one that it was forked from, and what
 * it shares with any that came before is named only, so that a thousand forks take the room of one.
 */
final class TreesPart {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Who keeps the copies while they are read. */
  interface Held {
    /** Fails when nobody does any more. */
    void check() throws IOException;
  }

  private final ArchiveWriter writer;
  private final Held hold;
  private final Path copies;
  private final Map<String, KeptTree> open = new LinkedHashMap<>();
  private final List<Long> sent = new ArrayList<>();
  private final Map<String, Long> numbers = new HashMap<>();

  /**
   * A part of these trees.
   *
   * @param hold that the copies are kept
   * @param copies the folder of the read-only copies
   * @param list what they are copies of
   */
  TreesPart(ArchiveWriter writer, Held hold, Path copies, Path list) throws IOException {
    this.writer = writer;
    this.hold = hold;
    this.copies = copies;
    // What is shared is charged to the oldest, who wrote it.
    Stream.of(JSON.readValue(Files.readAllBytes(list), KeptTree[].class))
        .sorted(Comparator.comparingLong(KeptTree::number))
        .forEach(tree -> open.put(tree.uuid(), tree));
  }

  /** Writes all of them; {@code progress} hears of each. */
  void write(Progress progress) throws IOException {
    int all = open.size();
    for (int number = 1; !open.isEmpty(); number++) {
      KeptTree next = next();
      open.remove(next.uuid());
      hold.check();
      progress.tree(number, all);
      write(next);
    }
  }

  /** One whose origin is not waiting itself. */
  private KeptTree next() {
    KeptTree tree = open.values().iterator().next();
    KeptTree origin = open.get(tree.origin());
    while (origin != null) {
      tree = origin;
      origin = open.get(tree.origin());
    }
    return tree;
  }

  private void write(KeptTree tree) throws IOException {
    Path copy = copies.resolve(tree.id());
    writer.entry(Entry.tree(tree.id(), tree.frozen(), tree.limitBytes(), tree.chargedBytes()));
    long parent = numbers.getOrDefault(tree.origin(), 0L);
    BtrfsStreams.send(copy, parent, sent, writer.data());
    long number = BtrfsStreams.identity(copy).id();
    sent.add(number);
    numbers.put(tree.uuid(), number);
  }
}
