package com.atoll.cli.tar;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes folders as a tar stream; names longer than the header are written the GNU way. */
public final class TarWriter implements AutoCloseable {
  private static final int BLOCK = 512;
  private static final int BUFFER = 64 << 10;
  private final OutputStream out;
  private final List<String> skipped = new ArrayList<>();
  private final List<String> changed = new ArrayList<>();

  /** Writes to this stream and closes it. */
  public TarWriter(OutputStream out) {
    this.out = out;
  }

  /** Adds the contents of a folder without the excluded names; answers the number of files. */
  public int addTree(Path root, List<String> exclude) throws IOException {
    int[] files = {0};
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            if (folder.equals(root)) {
              return FileVisitResult.CONTINUE;
            }
            if (exclude.contains(String.valueOf(folder.getFileName()))) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            header(root.relativize(folder) + "/", '5', 0, Permissions.of(folder), "");
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (exclude.contains(String.valueOf(file.getFileName()))) {
              return FileVisitResult.CONTINUE;
            }
            String name = root.relativize(file).toString();
            if (attributes.isSymbolicLink()) {
              header(name, '2', 0, 0777, Files.readSymbolicLink(file).toString());
              files[0]++;
            } else if (attributes.isRegularFile()) {
              add(name, file);
              files[0]++;
            } else {
              skipped.add(name);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return files[0];
  }

  /** What was left out, as it is neither a file nor a folder nor a link. */
  public List<String> skipped() {
    return List.copyOf(skipped);
  }

  /** What became longer or shorter while it was read. */
  public List<String> changed() {
    return List.copyOf(changed);
  }

  /** The header has said how long it is: what comes behind that is left, what is missing is 0. */
  private void add(String name, Path file) throws IOException {
    try (InputStream content = Files.newInputStream(file)) {
      long size = Files.size(file);
      header(name, '0', size, Permissions.of(file), "");
      byte[] buffer = new byte[BUFFER];
      long left = size;
      int count = 0;
      while (left > 0 && count >= 0) {
        count = content.read(buffer, 0, (int) Math.min(buffer.length, left));
        out.write(buffer, 0, Math.max(count, 0));
        left -= Math.max(count, 0);
      }
      if (left > 0 || content.read() >= 0) {
        changed.add(name);
      }
      Arrays.fill(buffer, (byte) 0);
      for (; left > 0; left -= Math.min(buffer.length, left)) {
        out.write(buffer, 0, (int) Math.min(buffer.length, left));
      }
      pad(size);
    }
  }

  private void header(String name, char type, long size, int mode, String link) throws IOException {
    byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
    byte[] linkBytes = link.getBytes(StandardCharsets.UTF_8);
    if (nameBytes.length > 100) {
      longName('L', nameBytes);
    }
    if (linkBytes.length > 100) {
      longName('K', linkBytes);
    }
    block(nameBytes, type, size, mode, linkBytes);
  }

  private void longName(char type, byte[] bytes) throws IOException {
    block(
        "././@LongLink".getBytes(StandardCharsets.UTF_8), type, bytes.length + 1L, 0, new byte[0]);
    out.write(bytes);
    out.write(0);
    pad(bytes.length + 1L);
  }

  private void block(byte[] name, char type, long size, int mode, byte[] link) throws IOException {
    byte[] block = new byte[BLOCK];
    System.arraycopy(name, 0, block, 0, Math.min(name.length, 100));
    Numbers.write(block, 100, 8, mode);
    Numbers.write(block, 108, 8, 0);
    Numbers.write(block, 116, 8, 0);
    Numbers.write(block, 124, 12, size);
    Numbers.write(block, 136, 12, System.currentTimeMillis() / 1000);
    block[156] = (byte) type;
    System.arraycopy(link, 0, block, 157, Math.min(link.length, 100));
    byte[] magic = "ustar  ".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(magic, 0, block, 257, magic.length);
    Arrays.fill(block, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xff;
    }
    Numbers.write(block, 148, 7, sum);
    out.write(block);
  }

  private void pad(long size) throws IOException {
    out.write(new byte[(int) ((BLOCK - size % BLOCK) % BLOCK)]);
  }

  @Override
  public void close() throws IOException {
    out.write(new byte[2 * BLOCK]);
    out.close();
  }
}
