package com.atoll.node.devices;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads the specifications of the Container Device Interface: JSON or YAML files that a vendor's
 * tool wrote. Only the names of devices are taken from them.
 */
public final class Inventory {
  private static final Logger LOG = Logger.getLogger(Inventory.class.getName());
  private static final Path DRIVER = Path.of("/proc/driver/nvidia/gpus");
  private static final Path KVM = Path.of("/dev/kvm");
  private static final long LARGEST = 4 << 20;
  private static final Pattern KIND =
      Pattern.compile("(?m)^\\s*[\"']?kind[\"']?\\s*:\\s*[\"']?([a-z0-9.-]+/gpu)\\b");
  private static final Pattern DEVICES = Pattern.compile("(?m)^\\s*[\"']?devices[\"']?\\s*:");
  private static final Pattern NAME =
      Pattern.compile("(?m)^[\\s{,-]*[\"']?name[\"']?\\s*:\\s*[\"']?([A-Za-z0-9_.:-]{1,100})");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,4}");
  private static final Pattern MODEL = Pattern.compile("(?m)^Model:\\s*(.+)$");

  private final List<Path> folders;
  private final Path driver;

  /** The places where CDI says that specifications lie. */
  public Inventory() {
    this(List.of(Path.of("/etc/cdi"), Path.of("/var/run/cdi")), DRIVER);
  }

  Inventory(List<Path> folders, Path driver) {
    this.folders = folders;
    this.driver = driver;
  }

  /**
   * Whether the machine has the device that virtual machines run on. The file can be there without
   * its driver, so it is opened.
   */
  public static boolean hasKvm() {
    try (FileChannel device =
        FileChannel.open(KVM, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return device.isOpen();
    } catch (IOException none) {
      return false;
    }
  }

  /** Every graphics processor, once. A specification that cannot be read is logged and left out. */
  public List<Gpu> gpus() {
    Set<String> names = new HashSet<>();
    for (Path folder : folders) {
      for (Path file : files(folder)) {
        names.addAll(named(file));
      }
    }
    List<String> models = models();
    List<Gpu> found = new ArrayList<>();
    for (String name : names.stream().sorted().toList()) {
      found.add(new Gpu(name, found.size() < models.size() ? models.get(found.size()) : ""));
    }
    return found;
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(file -> file.toString().matches(".*\\.(json|yaml)")).sorted().toList();
    } catch (IOException none) {
      return List.of();
    }
  }

  private static Set<String> named(Path file) {
    try {
      return Files.size(file) > LARGEST ? Set.of() : names(Files.readString(file));
    } catch (IOException e) {
      LOG.log(Level.WARNING, e, () -> "the device specification " + file + " cannot be read");
      return Set.of();
    }
  }

  /** The devices of a specification: by number where it has numbers, for it may name each twice. */
  static Set<String> names(String specification) {
    Matcher kind = KIND.matcher(specification);
    Matcher devices = DEVICES.matcher(specification);
    if (!kind.find() || !devices.find()) {
      return Set.of();
    }
    Set<String> all = new HashSet<>();
    Matcher name = NAME.matcher(specification).region(devices.end(), specification.length());
    while (name.find()) {
      if (!name.group(1).equals("all")) {
        all.add(name.group(1));
      }
    }
    boolean numbered = all.stream().anyMatch(each -> NUMBER.matcher(each).matches());
    Set<String> found = new HashSet<>();
    for (String each : all) {
      if (!numbered || NUMBER.matcher(each).matches()) {
        found.add(kind.group(1) + "=" + each);
      }
    }
    return found;
  }

  private List<String> models() {
    List<String> found = new ArrayList<>();
    try (DirectoryStream<Path> cards = Files.newDirectoryStream(driver)) {
      List<Path> sorted = new ArrayList<>();
      cards.forEach(sorted::add);
      sorted.sort(Comparator.naturalOrder());
      for (Path card : sorted) {
        Matcher model = MODEL.matcher(Files.readString(card.resolve("information")));
        found.add(model.find() ? model.group(1).strip() : "");
      }
    } catch (IOException none) {
      return found;
    }
    return found;
  }
}
