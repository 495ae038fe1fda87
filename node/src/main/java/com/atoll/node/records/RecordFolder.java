package com.atoll.node.records;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A folder of JSON files, one per id. A write is on disk when it returns; a crash leaves the old
 * file or the new one, and a temporary file that the next opening removes.
 *
 * @param <T> what one file holds
 */
public final class RecordFolder<T> {
  private static final Logger LOG = Logger.getLogger(RecordFolder.class.getName());
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String ENDING = ".json";
  private static final String TEMPORARY = ".tmp";
  private static final String DAMAGED = ".damaged";

  private final Path folder;
  private final Class<T> type;
  private final Standstill standstill;

  /** Opens the folder, making it when it is missing. */
  public RecordFolder(Path folder, Class<T> type) throws IOException {
    this(folder, type, new Standstill());
  }

  /** The same; nothing of it changes while the node stands still. */
  public RecordFolder(Path folder, Class<T> type, Standstill standstill) throws IOException {
    this.folder = folder;
    this.type = type;
    this.standstill = standstill;
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "*" + TEMPORARY)) {
      for (Path file : left) {
        Files.delete(file);
      }
    }
  }

  /** A step that begins anew where an interruption closes what it has open. */
  private interface Step {
    void run() throws IOException;
  }

  /** Writes or replaces the record of this id, also when whoever wants that is interrupted. */
  public void write(String id, T value) {
    byte[] bytes = JSON.writeValueAsBytes(value);
    try (var _ = standstill.step()) {
      whole(() -> writeFile(id, bytes));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the record of " + id, e);
    }
  }

  private void writeFile(String id, byte[] bytes) throws IOException {
    Path temporary = folder.resolve(id + TEMPORARY);
    try (FileChannel file =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        file.write(buffer);
      }
      file.force(true);
    }
    Files.move(
        temporary,
        folder.resolve(id + ENDING),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    syncFolder();
  }

  /** Removes the record of this id, if there is one. */
  public void delete(String id) {
    try (var _ = standstill.step()) {
      if (Files.deleteIfExists(folder.resolve(id + ENDING))) {
        whole(this::syncFolder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete the record of " + id, e);
    }
  }

  /** What a record stands for was done: it is not left without one because a caller went away. */
  private static void whole(Step step) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          step.run();
          return;
        } catch (ClosedByInterruptException again) {
          interrupted = true;
          var _ = Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** The record of this id. */
  public Optional<T> read(String id) {
    return read(folder.resolve(id + ENDING));
  }

  /** All records. One that cannot be read is set aside under another name and reported. */
  public List<T> all() throws IOException {
    List<T> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + ENDING)) {
      for (Path file : files) {
        read(file).ifPresent(found::add);
      }
    }
    return found;
  }

  /** Whether a record could not be read, now or at an earlier start; its file is kept aside. */
  public boolean damaged() {
    try (DirectoryStream<Path> aside = Files.newDirectoryStream(folder, "*" + DAMAGED)) {
      return aside.iterator().hasNext();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
  }

  private Optional<T> read(Path file) {
    try {
      return Optional.of(JSON.readValue(Files.readAllBytes(file), type));
    } catch (NoSuchFileException gone) {
      return Optional.empty();
    } catch (JacksonException e) {
      LOG.log(Level.SEVERE, e, () -> file + " is no record; set aside as .damaged");
      setAside(file);
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static void setAside(Path file) {
    try {
      Files.move(file, file.resolveSibling(file.getFileName() + DAMAGED));
    } catch (IOException e) {
      LOG.log(Level.SEVERE, e, () -> "cannot set " + file + " aside");
    }
  }

  private void syncFolder() throws IOException {
    try (FileChannel self = FileChannel.open(folder, StandardOpenOption.READ)) {
      self.force(true);
    }
  }
}
