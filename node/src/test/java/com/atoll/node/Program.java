package com.atoll.node;

import java.io.BufferedOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * The node's program as tests start it, some hundred times in a run: built and packed once, because
 * the JVM has a start-up cache for archives only (JEP 483), and with such a cache once one was
 * made.
 */
final class Program {
  private static final Path FOLDER = Path.of("target/program").toAbsolutePath();

  private final List<String> classPath;
  private final Path cache;

  private Program(List<String> classPath, Path cache) {
    this.classPath = classPath;
    this.cache = cache;
  }

  /** Packs what was compiled, and builds what is not Java; there is one at a time. */
  static Program packed() throws IOException {
    Files.createDirectories(FOLDER);
    NodeUnderTest.run(List.of("../native/build", FOLDER.resolve("bin").toString()));
    Path cache = FOLDER.resolve("node.aot");
    Files.deleteIfExists(cache);
    List<String> packed = new ArrayList<>();
    for (String each : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path entry = Path.of(each);
      if (Files.isRegularFile(entry)) {
        packed.add(each);
      } else if (entry.endsWith("classes")) {
        packed.add(pack(entry, FOLDER.resolve(packed.size() + ".jar")).toString());
      }
    }
    return new Program(packed, cache);
  }

  private static Path pack(Path classes, Path archive) throws IOException {
    try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(archive));
        JarOutputStream jar = new JarOutputStream(file);
        Stream<Path> files = Files.walk(classes)) {
      for (Path each : (Iterable<Path>) files.filter(Files::isRegularFile).sorted()::iterator) {
        jar.putNextEntry(new JarEntry(classes.relativize(each).toString()));
        Files.copy(each, jar);
      }
    }
    return archive;
  }

  /** What it needs beside itself, which does not depend on the node. */
  void copyBinaries(Path to) throws IOException {
    NodeUnderTest.run(List.of("cp", "-a", FOLDER.resolve("bin") + "/.", to.toString()));
  }

  boolean isTrained() {
    return Files.exists(cache);
  }

  /** A JVM for this class; the first that ends in good order leaves the cache for all others. */
  List<String> words(String main) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin/java").toString(),
        isTrained() ? "-XX:AOTCache=" + cache : "-XX:AOTCacheOutput=" + cache,
        "-Xlog:disable",
        "-XX:+UseSerialGC",
        "-Xmx256m",
        "-XX:TieredStopAtLevel=1",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        String.join(File.pathSeparator, classPath),
        main);
  }
}
