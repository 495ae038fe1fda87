package com.atoll.node.images;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files of packed images, and where each is mounted. */
final class PackedImages {
  private static final Logger LOG = LoggerFactory.getLogger(PackedImages.class);
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{32}");
  private static final String ENDING = ".erofs";
  private static final String ARRIVING = "arriving";

  private final Path kept;
  private final Path mounts;

  PackedImages(Path kept, Path mounts) {
    this.kept = kept;
    this.mounts = mounts;
  }

  /** Makes the folder, and gives up what did not arrive whole. */
  void open() throws IOException {
    Files.createDirectories(kept);
    Path folder = kept.resolve(ARRIVING);
    if (Files.isDirectory(folder)) {
      try (Stream<Path> left = Files.list(folder)) {
        for (Path each : left.toList()) {
          Files.delete(each);
        }
      }
    }
  }

  /** The image of this digest, whether it is there or not. */
  ImageFile of(String digest) {
    return new ImageFile(kept.resolve(digest + ENDING), mounts.resolve(digest));
  }

  boolean has(String digest) {
    return DIGEST.matcher(digest).matches() && Files.exists(of(digest).file());
  }

  /** Digests of all that are there. */
  List<String> digests() {
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(kept)) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(ENDING))
          .forEach(name -> found.add(name.substring(0, name.length() - ENDING.length())));
    } catch (IOException e) {
      LOG.warn("The images cannot be listed: {}", e.getMessage());
    }
    return found;
  }

  /** A new file that one is to arrive in; given up at the next start. */
  Path arriving(String digest) throws IOException {
    if (!DIGEST.matcher(digest).matches()) {
      throw new IOException("no digest of an image: " + digest);
    }
    return Files.createTempFile(Files.createDirectories(kept.resolve(ARRIVING)), digest, ENDING);
  }

  /** Keeps one that has arrived whole in its file: it is on disk when this returns. */
  void adopt(String digest, Path arrived) throws IOException {
    try (FileChannel file = FileChannel.open(arrived, StandardOpenOption.WRITE)) {
      file.force(true);
    }
    Files.move(arrived, of(digest).file(), StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel folder = FileChannel.open(kept, StandardOpenOption.READ)) {
      folder.force(true);
    }
  }
}
