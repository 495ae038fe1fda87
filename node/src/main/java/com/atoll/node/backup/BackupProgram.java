package com.atoll.node.backup;

import com.atoll.node.backup.DatabaseSession.Stopped;
import com.atoll.node.linux.LinuxException;
import com.atoll.node.v1.HoldRequest.Step;
import com.atoll.platform.Installation;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a running installation to a file or bucket: {@code --installation FILE --to
 * FILE|-|s3://BUCKET/PREFIX --s3-settings FILE [--passphrase FILE] [--logical yes] -- COMMAND…}, as
 * root where the node runs. The command is the session with PostgreSQL.
 */
public final class BackupProgram {
  /** Files of the owner's below the home, without secrets. */
  static final List<String> SETTINGS =
      List.of("atoll.conf", "prices.json", "hosts", "authorities.pem");

  /** Files and folders of the home that are secrets, besides what {@link #isOwnersSecret} says. */
  static final List<String> SECRETS = List.of("secrets/master.key", "edge/ca", "edge/egress-ca");

  /** Of the machine, not of the installation. */
  private static final List<String> MACHINE = List.of("identity", "installation.json", "trees.img");

  private static final int MOST_SECRETS = 64 << 20;

  /** The owner's are keys, certificates and lists of clients. */
  private static final int LARGEST_OF_OWNER = 1 << 20;

  private final Installation installation;
  private final Path home;
  private final Progress progress = new Progress();

  private BackupProgram(Installation installation) {
    this.installation = installation;
    home = installation.home();
  }

  /** Ends with 1 and a sentence when there is no backup. */
  public static void main(String[] arguments) {
    Options options = Options.of(arguments);
    try {
      Installation installation = Installation.read(Path.of(options.get("--installation")));
      new BackupProgram(installation).run(options);
    } catch (IOException | UncheckedIOException | LinuxException e) {
      System.err.println("atoll: no backup was written: " + e.getMessage());
      System.exit(1);
    }
  }

  private void run(Options options) throws IOException {
    Passphrase passphrase = passphrase(options);
    try (Target target = Target.of(options.get("--to"), Path.of(options.get("--s3-settings")));
        NodeHold hold = new NodeHold(installation);
        DatabaseSession session = new DatabaseSession(options.rest())) {
      hold.step(Step.PREPARE);
      boolean logical = options.find("--logical") != null;
      DatabasePart database = new DatabasePart(home.resolve("postgres/data"));
      Preface preface =
          new Preface(
              Preface.FORMAT,
              Files.readString(installation.dist().resolve("version")).strip(),
              installation.id(),
              Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
              logical ? Preface.ROWS : database.major(),
              passphrase == null ? null : passphrase.sealing());
      try (ArchiveWriter writer = new ArchiveWriter(target.output(), preface, passphrase)) {
        String name =
            logical ? rows(writer, hold, session) : files(writer, hold, session, database);
        rest(writer, hold, name, passphrase);
        writer.finish();
      }
      hold.check();
      target.keep();
    }
  }

  private static @Nullable Passphrase passphrase(Options options) throws IOException {
    String file = options.find("--passphrase");
    return file == null ? null : Passphrase.fresh(Options.passphrase(file));
  }

  /** The database as files; answers the name of what the node keeps of the same moment. */
  private String files(
      ArchiveWriter writer, NodeHold hold, DatabaseSession session, DatabasePart database)
      throws IOException {
    FilesPart files = new FilesPart(writer);
    session.start();
    part(writer, "database", () -> database.files(files));

    // What PostgreSQL has committed when it stops, the node has done: it does nothing meanwhile.
    long began = System.nanoTime();
    String name = hold.step(Step.STAND_STILL);
    Stopped stopped = session.stop();
    goOn(hold, began);
    part(writer, "log", () -> database.log(files, stopped));
    session.check();
    session.close();
    return name;
  }

  /** The same as rows, of the snapshot that is taken while the node stands still. */
  private String rows(ArchiveWriter writer, NodeHold hold, DatabaseSession session)
      throws IOException {
    session.open();
    long began = System.nanoTime();
    String name = hold.step(Step.STAND_STILL);
    DatabaseSession.Rows rows = session.rows();
    goOn(hold, began);
    part(writer, "rows", new RowsPart(writer, session, rows)::write);
    session.close();
    return name;
  }

  private void goOn(NodeHold hold, long began) throws IOException {
    hold.step(Step.GO_ON);
    progress.say("everything stood still for " + (System.nanoTime() - began) / 1_000_000 + " ms");
  }

  private void rest(
      ArchiveWriter writer, NodeHold hold, String name, @Nullable Passphrase passphrase)
      throws IOException {
    FilesPart files = new FilesPart(writer);
    Path kept = Holds.folder(home).resolve(name);
    for (String each : List.of("node", "images", "releases")) {
      part(writer, each, () -> files.folder(kept.resolve(each), any -> true));
    }
    part(writer, "settings", () -> settings(files));
    if (passphrase != null) {
      part(writer, "secrets", () -> secrets(writer, passphrase));
    }
    Path copies = treesRoot().resolve("backup").resolve(name);
    TreesPart trees = new TreesPart(writer, hold::check, copies, kept.resolve(Holds.TREES));
    part(writer, "trees", () -> trees.write(progress));
  }

  private interface Content {
    void write() throws IOException;
  }

  private void part(ArchiveWriter writer, String name, Content content) throws IOException {
    progress.begin();
    writer.begin(name);
    content.write();
    progress.done(name, writer.end().bytes());
  }

  private Path treesRoot() {
    Path image = installation.run().resolve("trees");
    return Files.isDirectory(image) ? image : home.resolve("trees");
  }

  private void settings(FilesPart files) throws IOException {
    for (String name : SETTINGS) {
      if (Files.isRegularFile(home.resolve(name))) {
        files.file(home.resolve(name), name);
      }
    }
  }

  /** A small archive of files in memory, sealed as one. */
  private void secrets(ArchiveWriter writer, Passphrase passphrase) throws IOException {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    DataOutputStream to = new DataOutputStream(plain);
    for (Path file : secretFiles(home)) {
      byte[] content = Files.readAllBytes(file);
      to.writeUTF(home.relativize(file).toString());
      to.writeInt(FilesPart.mode(file));
      to.writeInt(content.length);
      to.write(content);
      if (plain.size() > MOST_SECRETS) {
        throw new IOException("the secrets of this installation are larger than any");
      }
    }
    byte[] sealed = passphrase.seal(plain.toByteArray());
    writer.data(sealed, 0, sealed.length);
  }

  /** Whether a file of this name, for root alone in the home itself, is a secret to be kept. */
  static boolean isOwnersSecret(String name) {
    return !name.contains("/")
        && !name.startsWith(".")
        && !SETTINGS.contains(name)
        && !MACHINE.contains(name);
  }

  private static Path small(Path file) throws IOException {
    if (Files.size(file) > LARGEST_OF_OWNER) {
      throw new IOException(
          file + " is for root alone, thus a secret, and too large for one: move it elsewhere");
    }
    return file;
  }

  /** An earlier backup that lies there is none. */
  static List<Path> secretFiles(Path home) throws IOException {
    List<Path> found = new ArrayList<>();
    try (var files = Files.list(home)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (isOwnersSecret(String.valueOf(file.getFileName()))
            && (FilesPart.mode(file) & 077) == 0
            && !Preface.begins(file)) {
          found.add(small(file));
        }
      }
    }
    for (String name : SECRETS) {
      Path place = home.resolve(name);
      if (Files.exists(place)) {
        try (var below = Files.walk(place)) {
          below.filter(Files::isRegularFile).forEach(found::add);
        }
      }
    }
    return found;
  }
}
