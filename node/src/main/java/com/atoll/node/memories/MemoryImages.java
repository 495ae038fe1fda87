package com.atoll.node.memories;

import com.atoll.node.volumes.VolumeMount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Images of processes, each in a folder of its own. One is whole when what is known about it lies
 * there, which is written last; whatever else is there was cut short and is never used.
 */
public final class MemoryImages {
  private static final Logger LOG = Logger.getLogger(MemoryImages.class.getName());
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String KNOWN = "image.json";

  private final Path folder;
  private final String program;

  /**
   * The images in a folder.
   *
   * @param program what writes and reads them; those of another one cannot be used
   */
  public MemoryImages(Path folder, String program) {
    this.folder = folder;
    this.program = program;
  }

  /** A whole image. */
  public record Whole(Path path, MemoryImage image) {}

  /** Makes the folder, for root alone. */
  public void open() throws IOException {
    Files.createDirectories(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
  }

  /** Removes what nobody speaks of. */
  public void retain(Set<String> used) {
    for (String id : list()) {
      if (!used.contains(id)) {
        LOG.info(() -> "sweeping memory image " + id);
        remove(id);
      }
    }
  }

  /** Where an image lies, whole or not. */
  public Path path(String id) {
    return folder.resolve(id);
  }

  /** All that is there, whole or not. */
  public Set<String> list() {
    Set<String> found = new HashSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      entries.forEach(path -> found.add(String.valueOf(path.getFileName())));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
    return found;
  }

  /** An empty folder for a new image; what had its id before is gone. */
  public Path begin(String id) {
    remove(id);
    try {
      return Files.createDirectory(folder.resolve(id));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make memory image " + id, e);
    }
  }

  /** Makes an image whole whose files are written: they are on disk when this returns. */
  public MemoryImage seal(String id, String token, List<VolumeMount> volumes) {
    Path path = folder.resolve(id);
    try {
      Map<String, Long> files = new TreeMap<>();
      try (DirectoryStream<Path> written = Files.newDirectoryStream(path)) {
        for (Path file : written) {
          flush(file, StandardOpenOption.WRITE);
          files.put(String.valueOf(file.getFileName()), Files.size(file));
        }
      }
      MemoryImage image = new MemoryImage(program, token, volumes, files);
      Path fresh = path.resolve(KNOWN + ".new");
      Files.write(fresh, JSON.writeValueAsBytes(image));
      flush(fresh, StandardOpenOption.WRITE);
      Files.move(fresh, path.resolve(KNOWN), StandardCopyOption.ATOMIC_MOVE);
      flush(path, StandardOpenOption.READ);
      flush(folder, StandardOpenOption.READ);
      return image;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep memory image " + id, e);
    }
  }

  /** Whether the image in this folder was made whole: all of it is on disk. */
  public static boolean isSealed(Path path) {
    return Files.exists(path.resolve(KNOWN));
  }

  /** An image that can be gone on from. */
  public Optional<Whole> find(String id) {
    Path path = folder.resolve(id);
    try {
      MemoryImage image =
          JSON.readValue(Files.readAllBytes(path.resolve(KNOWN)), MemoryImage.class);
      if (!image.program().equals(program)) {
        LOG.warning(() -> "memory image " + id + " was written by " + image.program());
        return Optional.empty();
      }
      for (Map.Entry<String, Long> file : image.files().entrySet()) {
        if (Files.size(path.resolve(file.getKey())) != file.getValue()) {
          LOG.warning(() -> "memory image " + id + " is damaged: " + file.getKey());
          return Optional.empty();
        }
      }
      return Optional.of(new Whole(path, image));
    } catch (NoSuchFileException cutShort) {
      return Optional.empty();
    } catch (IOException | JacksonException e) {
      LOG.log(Level.WARNING, e, () -> "memory image " + id + " cannot be read");
      return Optional.empty();
    }
  }

  /** A whole image once more, under another id and of the same bytes on disk. */
  public MemoryImage link(Whole of, String id) {
    Path path = begin(id);
    try {
      for (String file : of.image().files().keySet()) {
        Files.createLink(path.resolve(file), of.path().resolve(file));
      }
    } catch (IOException e) {
      remove(id);
      throw new UncheckedIOException("cannot copy a memory image to " + id, e);
    }
    return seal(id, of.image().token(), of.image().volumes());
  }

  /** Removes an image, whole or not; who goes on from it just now has its files open. */
  public void remove(String id) {
    Path path = folder.resolve(id);
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try {
      // First what makes it whole: a crash in between leaves nothing that can be used.
      Files.deleteIfExists(path.resolve(KNOWN));
      if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
          for (Path file : files) {
            Files.deleteIfExists(file);
          }
        }
      }
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove memory image " + id, e);
    }
  }

  /** Bytes that are left for images. */
  public long room() {
    try {
      return Files.getFileStore(folder).getUsableSpace();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot measure " + folder, e);
    }
  }

  private static void flush(Path path, StandardOpenOption how) throws IOException {
    try (FileChannel channel = FileChannel.open(path, how)) {
      channel.force(true);
    }
  }
}
