package com.atoll.node.backup;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Puts the content of a backup into an empty home. Owners are made right by the next start. */
final class Placing implements ArchiveReader.Taker, AutoCloseable {
  private static final Pattern PLAIN = Pattern.compile("[^/\\x00]{1,255}(/[^/\\x00]{1,255}){0,80}");
  private static final Pattern TREE = Pattern.compile("[a-z0-9_-]{1,100}");
  private static final String TREES = "trees";
  private static final String SECRETS = "secrets";

  /** Where parts that consist of files go, below the home. */
  private static final Map<String, String> PLACES =
      Map.of(
          "database", "postgres/data",
          "log", "postgres/data",
          "rows", "server/rows",
          "node", "node",
          "images", "images",
          "releases", "releases",
          "settings", "");

  private final Path home;
  private final long imageMb;
  private final @Nullable Passphrase passphrase;
  private final ByteArrayOutputStream sealed = new ByteArrayOutputStream();
  private final Progress progress = new Progress();
  private String section = "";
  private long bytes;
  private Path place;
  private @Nullable OutputStream file;
  private @Nullable ReceivedTrees trees;

  /**
   * Into this home.
   *
   * @param imageMb size of the image of trees, where there is one
   * @param passphrase opens the secrets; null to leave them
   */
  Placing(Path home, long imageMb, @Nullable Passphrase passphrase) {
    this.home = home;
    this.imageMb = imageMb;
    this.passphrase = passphrase;
    place = home;
  }

  @Override
  public void begin(String name) throws IOException {
    section = name;
    bytes = 0;
    progress.begin();
    if (name.equals(TREES)) {
      trees = new ReceivedTrees(home, imageMb);
    } else if (!name.equals(SECRETS)) {
      String below = PLACES.get(name);
      if (below == null) {
        throw new DamagedBackupException("it has a part that nobody knows: " + name);
      }
      place = Files.createDirectories(home.resolve(below));
      if (!below.isEmpty()) {
        Folders.secret(place);
      }
    }
  }

  @Override
  public void entry(Entry entry) throws IOException {
    closeFile();
    switch (entry.kind()) {
      case FILE -> {
        Path path = inside(entry.path());
        file = create(path, entry.mode());
      }
      case FOLDER -> {
        Path path = Files.createDirectories(inside(entry.path()));
        Files.setAttribute(path, "unix:mode", (entry.mode() & 0777) | 0700);
      }
      case TREE, FROZEN_TREE -> {
        if (trees == null || !TREE.matcher(entry.path()).matches()) {
          throw new DamagedBackupException("a tree is where none should be");
        }
        trees.begin(entry);
      }
    }
  }

  private Path inside(String path) throws IOException {
    Path resolved = place.resolve(path);
    boolean settings = section.equals("settings");
    if (!PLAIN.matcher(path).matches()
        || section.equals(TREES)
        || section.equals(SECRETS)
        || !resolved.normalize().equals(resolved)
        || (settings && !BackupProgram.SETTINGS.contains(path))) {
      throw new DamagedBackupException("a file has a name that none has");
    }
    return resolved;
  }

  private static OutputStream create(Path path, int mode) throws IOException {
    Files.createFile(
        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.setAttribute(path, "unix:mode", mode & 0777);
    return Files.newOutputStream(path, StandardOpenOption.WRITE);
  }

  @Override
  public void data(byte[] part) throws IOException {
    bytes += part.length;
    OutputStream open = file;
    ReceivedTrees receiving = trees;
    if (section.equals(SECRETS)) {
      sealed.writeBytes(part);
    } else if (section.equals(TREES) && receiving != null) {
      receiving.data(part);
    } else if (open != null) {
      open.write(part);
    } else {
      throw new DamagedBackupException("its parts are not in their order");
    }
  }

  @Override
  public void end() throws IOException {
    closeFile();
    ReceivedTrees receiving = trees;
    if (section.equals(TREES) && receiving != null) {
      receiving.finish();
      receiving.close();
      trees = null;
    }
    if (section.equals(SECRETS) && passphrase != null) {
      secrets(passphrase.open(sealed.toByteArray()));
    }
    progress.done(section, bytes);
  }

  private void secrets(byte[] plain) throws IOException {
    DataInputStream from = new DataInputStream(new ByteArrayInputStream(plain));
    while (from.available() > 0) {
      String name = from.readUTF();
      int mode = from.readInt();
      byte[] content = from.readNBytes(from.readInt());
      Path path = home.resolve(name);
      if (!PLAIN.matcher(name).matches() || !path.normalize().equals(path) || !isSecret(name)) {
        throw new DamagedBackupException("a secret has a name that none has");
      }
      Path parent = path.getParent();
      if (parent != null && !parent.equals(home)) {
        Folders.secret(Files.createDirectories(parent));
      }
      try (OutputStream to = create(path, mode)) {
        to.write(content);
      }
    }
  }

  private static boolean isSecret(String name) {
    return BackupProgram.isOwnersSecret(name)
        || BackupProgram.SECRETS.stream()
            .anyMatch(known -> name.equals(known) || name.startsWith(known + "/"));
  }

  private void closeFile() throws IOException {
    OutputStream open = file;
    file = null;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public void close() throws IOException {
    closeFile();
    ReceivedTrees receiving = trees;
    trees = null;
    if (receiving != null) {
      receiving.close();
    }
  }
}
