package com.atoll.node.images;

import com.atoll.node.images.ImageException.Reason;
import com.atoll.node.images.ImageState.Status;
import com.atoll.node.records.RecordFolder;
import com.atoll.node.records.Standstill;
import com.atoll.node.trees.Tree;
import com.atoll.platform.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Images built on this machine. */
public final class LocalImages implements Images {
  private static final Logger LOG = LoggerFactory.getLogger(LocalImages.class);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(15);
  private static final Duration LAST_RETRY = Duration.ofMinutes(10);

  /** How long an image that was given up stays: a claim may just be standing up on it. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final PackedImages packed;
  private final ImageBuilder builder;
  private final BuiltImages built;
  private final Map<String, Derived> derived = new ConcurrentHashMap<>();
  private final ConcurrentSkipListMap<String, ImageState> states = new ConcurrentSkipListMap<>();
  private final Map<String, Image> mounted = new ConcurrentHashMap<>();
  private final List<Consumer<ImageState>> listeners = new CopyOnWriteArrayList<>();
  private volatile Builder sandboxes = template -> {};
  private final ScheduledThreadPoolExecutor worker =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("image-builder").factory());

  private LocalImages(
      Installation installation, Function<String, Optional<Tree>> trees, Standstill standstill)
      throws IOException {
    Path kept = installation.home().resolve("images");
    packed = new PackedImages(kept, installation.run().resolve("images"));
    builder = new ImageBuilder(kept.resolve("building"));
    Path records = installation.home().resolve("node/images");
    built = new BuiltImages(new RecordFolder<>(records, BuiltImage.class, standstill), trees);
    worker.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** As {@link #open(Installation, Function, Standstill)}, with no images over trees. */
  static Images open(Installation installation) throws IOException {
    return open(installation, tree -> Optional.empty(), new Standstill());
  }

  /**
   * Mounts what is built, and builds the rest in the background.
   *
   * @param trees finds the tree that holds a layer
   * @param standstill what holds changes of records back
   */
  public static Images open(
      Installation installation, Function<String, Optional<Tree>> trees, Standstill standstill)
      throws IOException {
    LocalImages images = new LocalImages(installation, trees, standstill);
    images.packed.open();
    images.builder.sweep();
    TemplateFolder folder = TemplateFolder.read(installation.dist().resolve("templates"));
    folder.problems().forEach(images::fail);
    folder.plain().forEach(images::prepare);
    folder.derived().forEach(images::prepareDerived);
    return images;
  }

  private void prepare(TemplateSource source) {
    try {
      if (packed.has(source.digest())) {
        activate(source);
      } else {
        set(state(source, Status.BUILDING, "", 0));
        var _ = worker.submit(() -> build(source, FIRST_RETRY));
      }
    } catch (IOException | RuntimeException e) {
      fail(source.id(), source.digest(), String.valueOf(e.getMessage()));
    }
  }

  private void prepareDerived(Derived template) {
    String id = template.id();
    derived.put(id, template);
    int port = template.recipe().previewPort();
    set(new ImageState(id, Status.UNBUILT, "", template.digest(), 0, port, true));
    built.find(template.digest()).filter(built::isWhole).ifPresent(this::show);
  }

  private void show(BuiltImage image) {
    long size = sizeOf(image);
    int port = image.previewPort();
    set(new ImageState(image.name(), Status.ACTIVE, "", image.digest(), size, port, true));
  }

  private long sizeOf(BuiltImage image) {
    try {
      return byDigest(image.digest()).sizeBytes();
    } catch (ImageException baseMissing) {
      return image.sizeBytes();
    }
  }

  private void build(TemplateSource source, Duration retry) {
    try {
      LOG.info("Template {} is being built", source.id());
      builder.build(source, packed.of(source.digest()).file());
      activate(source);
    } catch (IOException | RuntimeException e) {
      fail(source.id(), source.digest(), String.valueOf(e.getMessage()));
      Duration doubled = retry.multipliedBy(2);
      Duration next = doubled.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : doubled;
      if (!worker.isShutdown()) {
        var _ = worker.schedule(() -> again(source, next), retry.toMillis(), TimeUnit.MILLISECONDS);
      }
    }
  }

  private void again(TemplateSource source, Duration retry) {
    ImageState failed = states.get(source.id());
    String before = failed == null ? "" : "again, after: " + failed.reason();
    set(state(source, Status.BUILDING, before, 0));
    build(source, retry);
  }

  private void activate(TemplateSource source) throws IOException {
    Image image = mount(source.id(), source.digest(), source.template().previewPort());
    set(state(source, Status.ACTIVE, "", image.sizeBytes()));
  }

  private Image mount(String templateId, String digest, int previewPort) throws IOException {
    ImageFile file = packed.of(digest);
    file.mount();
    Image image =
        new Image(
            templateId,
            digest,
            file.root().toRealPath(),
            Files.size(file.file()),
            previewPort,
            file.environment());
    mounted.put(digest, image);
    return image;
  }

  private static ImageState state(TemplateSource source, Status status, String reason, long size) {
    int port = source.template().previewPort();
    return new ImageState(source.id(), status, reason, source.digest(), size, port, false);
  }

  private void fail(String id, String reason) {
    fail(id, "", reason);
  }

  private void fail(String id, String digest, String reason) {
    LOG.warn("Template {} failed: {}", id, reason);
    set(new ImageState(id, Status.FAILED, reason, digest, 0, 3000, derived.containsKey(id)));
  }

  private void set(ImageState state) {
    states.put(state.templateId(), state);
    listeners.forEach(listener -> listener.accept(state));
  }

  @Override
  public Image get(String templateId) {
    ImageState state = states.get(templateId);
    if (state == null) {
      throw new ImageException(Reason.UNKNOWN, "no template " + templateId);
    }
    return switch (state.status()) {
      case ACTIVE -> byDigest(state.digest());
      case UNBUILT -> throw wanted(state);
      case BUILDING -> throw building(state);
      case FAILED -> throw failure(state);
    };
  }

  private ImageException wanted(ImageState state) {
    Derived template = derived.get(state.templateId());
    if (template != null) {
      sandboxes.build(template);
    }
    return building(states.getOrDefault(state.templateId(), state));
  }

  /** Whoever asks for one that failed has it built again, and hears why it failed before. */
  private ImageException failure(ImageState state) {
    Derived template = derived.get(state.templateId());
    if (template != null) {
      sandboxes.build(template);
    }
    return new ImageException(Reason.FAILED, state.reason());
  }

  private static ImageException building(ImageState state) {
    String how = state.reason().isEmpty() ? "" : ": " + state.reason();
    return new ImageException(Reason.BUILDING, state.templateId() + " is being built" + how);
  }

  @Override
  public Image byDigest(String digest) {
    Image image = mounted.get(digest);
    if (image != null) {
      return image;
    }
    Optional<BuiltImage> made = built.find(digest);
    if (made.isPresent()) {
      Image composed = built.compose(made.get(), this::byDigest);
      mounted.put(digest, composed);
      return composed;
    }
    if (!packed.has(digest)) {
      throw new ImageException(Reason.UNKNOWN, "no image " + digest);
    }
    try {
      synchronized (this) {
        return mount("", digest, 3000);
      }
    } catch (IOException e) {
      throw new ImageException(Reason.FAILED, String.valueOf(e.getMessage()));
    }
  }

  @Override
  public StoredImage stored(String digest) {
    Optional<BuiltImage> made = built.find(digest);
    if (made.isPresent()) {
      return new StoredImage(digest, null, made.get());
    }
    if (!packed.has(digest)) {
      throw new ImageException(Reason.UNKNOWN, "no image " + digest);
    }
    return new StoredImage(digest, packed.of(digest).file(), null);
  }

  @Override
  public Path arriving(String digest) throws IOException {
    return packed.arriving(digest);
  }

  @Override
  public void adopt(String digest, Path arrived) throws IOException {
    packed.adopt(digest, arrived);
  }

  @Override
  public void builtBy(Builder builder) {
    sandboxes = builder;
  }

  @Override
  public void progress(String templateId, String what) {
    ImageState now = states.get(templateId);
    if (now != null && now.status() != Status.ACTIVE) {
      set(now.with(Status.BUILDING, what));
    }
  }

  @Override
  public void failed(String templateId, String reason) {
    ImageState now = states.get(templateId);
    if (now != null && now.status() != Status.ACTIVE) {
      set(now.with(Status.FAILED, reason));
    }
  }

  @Override
  public Optional<BuiltImage> made(String digest) {
    return built.find(digest).filter(built::isWhole);
  }

  @Override
  public Image offer(BuiltImage image) {
    built.offer(image.wanted());
    return byDigest(image.digest());
  }

  @Override
  public void withdraw(String digest) {
    built.forget(digest);
    mounted.remove(digest);
  }

  @Override
  public Image activate(BuiltImage image) {
    Image composed = offer(image);
    built.keep(image.wanted());
    if (image.name().indexOf('~') < 0) {
      show(image);
    }
    return composed;
  }

  @Override
  public boolean restore(String name, String digest) {
    Optional<BuiltImage> image = built.find(digest).filter(found -> found.name().equals(name));
    image.filter(found -> found.droppedMs() == 0 && built.isWhole(found)).ifPresent(this::show);
    return states.containsKey(name);
  }

  @Override
  public void drop(String name) {
    for (BuiltImage image : built.all()) {
      if (image.name().equals(name) && image.droppedMs() == 0) {
        built.keep(image.dropped(System.currentTimeMillis()));
      }
    }
    ImageState was = states.remove(name);
    if (was != null) {
      ImageState gone = was.with(Status.UNBUILT, "");
      listeners.forEach(listener -> listener.accept(gone));
    }
  }

  @Override
  public void sweep(Set<String> used) {
    Set<String> wanted = new HashSet<>(used);
    states.values().forEach(state -> wanted.add(state.digest()));
    Set<String> needed = built.withBases(wanted);
    long before = System.currentTimeMillis() - GRACE.toMillis();
    for (BuiltImage image : built.all()) {
      if (!needed.contains(image.digest())) {
        if (image.droppedMs() == 0) {
          built.keep(image.dropped(System.currentTimeMillis()));
        } else if (image.droppedMs() < before) {
          withdraw(image.digest());
          LOG.info("Image {} of {} is gone", image.digest(), image.name());
        }
      }
    }
  }

  @Override
  public Set<String> trees() {
    return built.trees();
  }

  @Override
  public List<ImageState> list() {
    return List.copyOf(states.values());
  }

  @Override
  public void listen(Consumer<ImageState> listener) {
    listeners.add(listener);
  }

  @Override
  public void retain(Set<String> used) {
    Set<String> wanted = new HashSet<>(used);
    states.values().forEach(state -> wanted.add(state.digest()));
    built.all().forEach(image -> wanted.add(image.digest()));
    Set<String> needed = built.withBases(wanted);
    for (String digest : packed.digests()) {
      if (!needed.contains(digest)) {
        try {
          mounted.remove(digest);
          packed.of(digest).unmount();
          Files.deleteIfExists(packed.of(digest).file());
          LOG.info("Image {} is used by nothing any more", digest);
        } catch (IOException | RuntimeException e) {
          LOG.warn("Image {} stays for now: {}", digest, e.getMessage());
        }
      }
    }
  }

  @Override
  public void close(boolean down) {
    builder.stop();
    worker.shutdown();
    try {
      if (!worker.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.warn("The builder of images is still busy");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (down) {
      for (String digest : packed.digests()) {
        try {
          packed.of(digest).unmount();
        } catch (IOException | RuntimeException e) {
          LOG.warn("Image {} stays mounted: {}", digest, e.getMessage());
        }
      }
      mounted.clear();
    }
  }
}
