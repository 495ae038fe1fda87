package com.atoll.node.devices;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What devices the machine has: graphics processors are those that specifications of the Container
 * Device Interface describe, JSON or YAML files that a vendor's tool wrote. They are read anew each
 * time, since owners and drivers change them while the node runs.
 */
public final class Inventory {
  private static final Logger LOG = Logger.getLogger(Inventory.class.getName());
  private static final Path DRIVER = Path.of("/proc/driver/nvidia/gpus");
  private static final Path KVM = Path.of("/dev/kvm");

  /** As drivers count: the tenth after the ninth. */
  private static final Comparator<String> BY_NUMBER =
      Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder());

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,4}");
  private static final Pattern MODEL = Pattern.compile("(?m)^Model:\\s*(.+)$");

  private final List<Path> folders;
  private final Path driver;
  private final Set<String> warned = ConcurrentHashMap.newKeySet();

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
    Map<String, ContainerEdits> found = new TreeMap<>(BY_NUMBER);
    for (Path folder : folders) {
      for (Path file : files(folder)) {
        try {
          CdiSpec spec = CdiSpec.read(file);
          names(spec)
              .forEach(name ->
                  found.put(
                      spec.kind() + "=" + name,
                      spec.edits().and(spec.devices().getOrDefault(name, ContainerEdits.NONE))));
        } catch (IOException e) {
          warnOnce(file, e);
        }
      }
    }
    List<String> models = models();
    List<Gpu> gpus = new ArrayList<>();
    found.forEach((name, edits) -> {
      String model = gpus.size() < models.size() ? models.get(gpus.size()) : "";
      gpus.add(new Gpu(new Device(name), model, edits));
    });
    return gpus;
  }

  /** What a container gets with these of its devices; empty when one is no longer there. */
  public Optional<ContainerEdits> edits(List<Device> devices) {
    List<Device> wanted = devices.stream().filter(Device::described).toList();
    if (wanted.isEmpty()) {
      return Optional.of(ContainerEdits.NONE);
    }
    List<Gpu> has = gpus().stream().filter(gpu -> wanted.contains(gpu.device())).toList();
    return has.size() < wanted.size()
        ? Optional.empty()
        : has.stream().map(Gpu::edits).reduce(ContainerEdits::and);
  }

  /** The devices of a specification: by number where it has numbers, for it may name each twice. */
  private static List<String> names(CdiSpec spec) {
    if (!spec.kind().endsWith("/gpu")) {
      return List.of();
    }
    Set<String> all = spec.devices().keySet();
    boolean numbered = all.stream().anyMatch(each -> NUMBER.matcher(each).matches());
    return all.stream()
        .filter(each -> !each.equals("all") && (!numbered || NUMBER.matcher(each).matches()))
        .toList();
  }

  private void warnOnce(Path file, IOException problem) {
    String words = "the device specification " + file + " is left out: " + problem.getMessage();
    if (warned.add(words)) {
      LOG.log(Level.WARNING, words);
    }
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(file -> file.toString().matches(".*\\.(json|yaml)")).sorted().toList();
    } catch (IOException none) {
      return List.of();
    }
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
