package com.atoll.node.backup;

import com.atoll.node.linux.HostProgram;
import com.atoll.node.linux.LinuxException;
import com.atoll.platform.DatabaseFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Makes a home of a backup: {@code verify} reads all of it, changes nothing and prints how large an
 * image of its trees must at least be, in MiB; {@code extract} puts it into {@code --home}, an
 * empty one, as root in a mount namespace of its own. {@code --file FILE|s3://BUCKET/PREFIX
 * --s3-settings FILE [--passphrase FILE] [--image-mb SIZE] [--leave-secrets yes]}.
 */
public final class RestoreProgram {
  /** The store tells of itself; here nobody wants to know. */
  private static final Logger LOG = Logger.getLogger("com.atoll.node.trees");

  private static final double MEGABYTE = 1 << 20;

  private RestoreProgram() {}

  /** Ends with 1 and a sentence when it cannot be done. */
  public static void main(String[] arguments) {
    Options options = Options.of(arguments);
    LOG.setLevel(Level.WARNING);
    try {
      switch (options.get("--do")) {
        case "verify" -> verify(options);
        case "extract" -> extract(options);
        default -> throw new IllegalArgumentException("--do verify | extract");
      }
    } catch (IOException | UncheckedIOException | LinuxException e) {
      System.err.println("atoll: nothing was restored: " + e.getMessage());
      System.exit(1);
    }
  }

  private static ArchiveReader reader(Options options) throws IOException {
    return new ArchiveReader(
        Source.of(options.get("--file"), Path.of(options.get("--s3-settings"))));
  }

  private static void verify(Options options) throws IOException {
    ArchiveReader reader = reader(options);
    Preface preface = reader.preface();
    if (preface.postgres() != Preface.ROWS && preface.postgres() != DatabaseFormat.MAJOR) {
      throw new IOException(
          "its database is of PostgreSQL "
              + preface.postgres()
              + ", this Atoll has "
              + DatabaseFormat.MAJOR
              + ": restore it with an Atoll of its version ("
              + preface.version()
              + "), and take a backup of that with --logical, which any version reads");
    }
    Manifest manifest = reader.read(new Nothing(), passphrase(options, preface));
    System.err.printf(
        Locale.ROOT,
        "  the backup of %s (Atoll %s, %.1f MiB) is whole%n",
        preface.created(),
        preface.version(),
        manifest.bytes() / MEGABYTE);
    System.out.println(imageMb(manifest));
  }

  /** The least size of an image that the trees have room in. */
  private static long imageMb(Manifest manifest) {
    long trees =
        manifest.sections().stream()
            .filter(section -> section.name().equals("trees"))
            .mapToLong(Manifest.Section::bytes)
            .sum();
    return 1024 + ((trees + trees / 2) >> 20);
  }

  private static void extract(Options options) throws IOException {
    Path home = Path.of(options.get("--home"));
    ArchiveReader reader = reader(options);
    long imageMb = Long.parseLong(options.get("--image-mb"));
    Passphrase passphrase = passphrase(options, reader.preface());
    try (Placing placing = new Placing(home, imageMb, passphrase)) {
      reader.read(placing, passphrase);
    }
    HostProgram.require("sync").run("-f", home.toString());
  }

  private static @Nullable Passphrase passphrase(Options options, Preface preface)
      throws IOException {
    String file = options.find("--passphrase");
    Preface.Sealing sealing = preface.sealing();
    if (sealing == null) {
      if (file != null) {
        throw new IOException(
            "this backup holds no secrets, so no passphrase vouches for it; leave the passphrase out");
      }
      return null;
    }
    if (file == null) {
      if (options.find("--leave-secrets") == null) {
        throw new IOException("this backup holds secrets: give its passphrase");
      }
      return null;
    }
    return Passphrase.of(Options.passphrase(file), sealing);
  }

  /** Reading alone checks every digest. */
  private static final class Nothing implements ArchiveReader.Taker {
    @Override
    public void begin(String section) {}

    @Override
    public void entry(Entry entry) {}

    @Override
    public void data(byte[] bytes) {}

    @Override
    public void end() {}
  }
}
