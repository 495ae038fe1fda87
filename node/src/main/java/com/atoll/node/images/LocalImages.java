package com.atoll.node.images;

import com.atoll.node.images.ImageException.Reason;
import com.atoll.node.images.ImageState.Status;
import com.atoll.platform.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Images built on this machine. */
public final class LocalImages implements Images {
  private static final Logger LOG = LoggerFactory.getLogger(LocalImages.class);
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{32}");
  private static final String ENDING = ".erofs";

  private final Path kept;
  private final Path mounts;
  private final ImageBuilder builder;
  private final ConcurrentSkipListMap<String, ImageState> states = new ConcurrentSkipListMap<>();
  private final Map<String, Image> mounted = new ConcurrentHashMap<>();
  private final List<Consumer<ImageState>> listeners = new CopyOnWriteArrayList<>();
  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("image-builder").factory());

  private LocalImages(Installation installation) {
    kept = installation.home().resolve("images");
    mounts = installation.run().resolve("images");
    builder = new ImageBuilder(kept.resolve("building"));
  }

  /** Mounts what is built, and builds the rest in the background. */
  public static Images open(Installation installation) throws IOException {
    LocalImages images = new LocalImages(installation);
    Files.createDirectories(images.kept);
    images.builder.sweep();
    Path templates = installation.dist().resolve("templates");
    if (Files.isDirectory(templates)) {
      try (Stream<Path> folders = Files.list(templates)) {
        folders.filter(Files::isDirectory).sorted().forEach(images::prepare);
      }
    }
    return images;
  }

  private void prepare(Path folder) {
    String id = folder.getFileName().toString();
    try {
      TemplateSource source = TemplateSource.read(folder);
      if (Files.exists(file(source.digest()))) {
        activate(source);
      } else {
        set(state(source, Status.BUILDING, "", 0));
        var _ = worker.submit(() -> build(source));
      }
    } catch (IOException | RuntimeException e) {
      fail(new ImageState(id, Status.FAILED, String.valueOf(e.getMessage()), "", 0, 3000));
    }
  }

  private void build(TemplateSource source) {
    try {
      LOG.info("Template {} is being built", source.id());
      builder.build(source, file(source.digest()));
      activate(source);
    } catch (IOException | RuntimeException e) {
      fail(state(source, Status.FAILED, String.valueOf(e.getMessage()), 0));
    }
  }

  private void activate(TemplateSource source) throws IOException {
    Image image = mount(source.id(), source.digest(), source.template().previewPort());
    set(state(source, Status.ACTIVE, "", image.sizeBytes()));
  }

  private Image mount(String templateId, String digest, int previewPort) throws IOException {
    ImageFile file = new ImageFile(file(digest), mounts.resolve(digest));
    file.mount();
    Image image =
        new Image(
            templateId,
            digest,
            file.root(),
            Files.size(file.file()),
            previewPort,
            file.environment());
    mounted.put(digest, image);
    return image;
  }

  private static ImageState state(TemplateSource source, Status status, String reason, long size) {
    return new ImageState(
        source.id(), status, reason, source.digest(), size, source.template().previewPort());
  }

  private void fail(ImageState state) {
    LOG.warn("Template {} failed: {}", state.templateId(), state.reason());
    set(state);
  }

  private void set(ImageState state) {
    states.put(state.templateId(), state);
    listeners.forEach(listener -> listener.accept(state));
  }

  private Path file(String digest) {
    return kept.resolve(digest + ENDING);
  }

  @Override
  public Image get(String templateId) {
    ImageState state = states.get(templateId);
    if (state == null) {
      throw new ImageException(Reason.UNKNOWN, "no template " + templateId);
    }
    return switch (state.status()) {
      case ACTIVE -> byDigest(state.digest());
      case BUILDING -> throw new ImageException(Reason.BUILDING, templateId + " is being built");
      case FAILED -> throw new ImageException(Reason.FAILED, state.reason());
    };
  }

  @Override
  public Image byDigest(String digest) {
    Image image = mounted.get(digest);
    if (image != null) {
      return image;
    }
    if (!DIGEST.matcher(digest).matches() || !Files.exists(file(digest))) {
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
  public List<ImageState> list() {
    return List.copyOf(states.values());
  }

  @Override
  public void listen(Consumer<ImageState> listener) {
    listeners.add(listener);
  }

  @Override
  public void retain(Set<String> used) {
    for (String digest : digests()) {
      boolean current = states.values().stream().anyMatch(state -> state.digest().equals(digest));
      if (!current && !used.contains(digest)) {
        try {
          mounted.remove(digest);
          new ImageFile(file(digest), mounts.resolve(digest)).unmount();
          Files.deleteIfExists(file(digest));
          LOG.info("Image {} is used by nothing any more", digest);
        } catch (IOException | RuntimeException e) {
          LOG.warn("Image {} stays for now: {}", digest, e.getMessage());
        }
      }
    }
  }

  private List<String> digests() {
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
      for (String digest : digests()) {
        try {
          new ImageFile(file(digest), mounts.resolve(digest)).unmount();
        } catch (IOException | RuntimeException e) {
          LOG.warn("Image {} stays mounted: {}", digest, e.getMessage());
        }
      }
      mounted.clear();
    }
  }
}
