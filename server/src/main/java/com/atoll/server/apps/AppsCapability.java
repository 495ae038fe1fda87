package com.atoll.server.apps;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.DirectoryReply;
import com.atoll.node.v1.FileInfo;
import com.atoll.node.v1.FileType;
import com.atoll.node.v1.ListDirectoryRequest;
import com.atoll.node.v1.PathRequest;
import com.atoll.node.v1.ReadSmallRequest;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.machines.Insistence;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.readiness.Readiness;
import com.atoll.server.readiness.ReadinessProbe;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.sandboxes.TemplateApp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The app of a sandbox. */
public final class AppsCapability implements Capability {
  /** Clients give up after 60 s: a longer launch goes on without them. */
  private static final long LONGEST_WAIT_MS = 45_000;

  private static final Logger LOG = LoggerFactory.getLogger(AppsCapability.class);
  private static final int MOST_FILES = 500;
  private static final int DEPTH = 8;
  private static final int MOST_JSON = 256 << 10;
  private static final List<String> OUTPUTS =
      List.of("artifacts", "dist", "build", "out", ".output");

  private final Sandboxes sandboxes;
  private final NodeClient node;
  private final ConcurrentMap<String, Launch> launches = new ConcurrentHashMap<>();
  private final Set<String> beginning = ConcurrentHashMap.newKeySet();

  /** Apps in these sandboxes, on this node. */
  public AppsCapability(Sandboxes sandboxes, NodeClient node) {
    this.sandboxes = sandboxes;
    this.node = node;
    sandboxes.startApps(this::startOf);
  }

  /**
   * Starts the app of a sandbox whose machine is a new one; how that goes is told to whoever starts
   * it again. One that was started on this machine, by whomever, is left alone.
   */
  private void startOf(Sandbox sandbox) {
    if (!beginning.add(sandbox.id())) {
      return;
    }
    try {
      Insistence.now(() -> hasBegun(sandbox));
    } finally {
      beginning.remove(sandbox.id());
    }
  }

  /** False when that was not possible now, and may be later. */
  private boolean hasBegun(Sandbox sandbox) {
    try {
      if (!launches.containsKey(sandbox.id()) && !Launch.wasStarted(node, sandbox.id())) {
        begin(sandbox);
      }
      return true;
    } catch (RuntimeException failed) {
      LOG.info("Nothing was started in {}: {}", sandbox.id(), failed.getMessage());
      return !Insistence.isWorthwhile(failed);
    }
  }

  private void begin(Sandbox sandbox) {
    boolean installed = sandboxes.app(sandbox).start() != null;
    Start asked = new Start(installed ? false : null, null, null, null, null, null, null, null);
    launch(sandbox, asked);
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return List.of(
        declare(Operation.post("/sandboxes/:id/template/start"))
            .id("sandboxes.start_template")
            .summary("Installs and starts the app in a sandbox, and waits until it is ready.")
            .priority("P2")
            .scope("sandboxes:exec")
            .idempotency(Idempotency.KEY)
            .errors(ErrorCode.INVALID_PATH)
            .request(Start.class)
            .response(AppView.class, Envelope.FLAT_MIRROR)
            .handle(this::start),
        declare(Operation.get("/sandboxes/:id/artifacts"))
            .id("sandboxes.artifacts")
            .summary("Lists what the app of a sandbox has made, where its template says it does.")
            .priority("P3")
            .scope("sandboxes:read")
            .response(AppView.Made.class, Envelope.FLAT_MIRROR)
            .handle(this::artifacts));
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation) {
    return operation.errors(
        ErrorCode.SANDBOX_NOT_FOUND,
        ErrorCode.SANDBOX_DESTROYED,
        ErrorCode.SANDBOX_NOT_RUNNING,
        ErrorCode.NODE_UNAVAILABLE);
  }

  private AppView start(Call call, Start body) throws InterruptedException {
    var _ = body.directory(""); // A wrong one is refused before anything wakes up.
    Launch launch =
        sandboxes.awake(call.principal(), call.path("id"), sandbox -> launch(sandbox, body));
    return launch.state(LONGEST_WAIT_MS);
  }

  /** Begins a launch; the one that is under way in this sandbox goes on instead. */
  private Launch launch(Sandbox sandbox, Start body) {
    TemplateApp app = sandboxes.app(sandbox);
    boolean own = body.startCommand() == null && app.start() != null;
    String directory = body.directory(app.workdir());
    int port = body.port() == null ? sandboxes.defaultPort(sandbox) : body.port();
    Readiness readiness = readiness(body.readinessProbe(), port, own ? app : null);
    Recipe ofFiles = recipe(sandbox.id(), directory);
    Recipe recipe = ofFiles.of(app, own && directory.equals(app.workdir()));
    if (body.startCommand() == null && recipe.start() == null) {
      throw AtollException.invalid("start_command", "is required: the files do not say one");
    }
    AppView begin =
        new AppView(
            sandbox.id(),
            "starting",
            sandboxes.url(sandbox, port),
            port,
            directory,
            null,
            false,
            null,
            null,
            null);
    Launch fresh = new Launch(node, begin, body, recipe, readiness, own ? app.user() : "");
    Launch underway = launches.putIfAbsent(sandbox.id(), fresh);
    if (underway != null) {
      return underway;
    }
    Thread.ofVirtual()
        .start(() -> {
          try {
            fresh.run();
          } finally {
            launches.remove(sandbox.id(), fresh);
          }
        });
    return fresh;
  }

  /**
   * What was asked for, or what is usual.
   *
   * @param app the one of the template, when that is what starts
   */
  private static Readiness readiness(
      @Nullable ReadinessProbe probe, int port, @Nullable TemplateApp app) {
    if (probe != null) {
      return Readiness.of(probe, port);
    }
    String ready = app == null ? null : app.ready();
    return app == null || ready == null
        ? new Readiness.Listens(port)
        : new Readiness.Succeeds(ready, app.workdir(), app.user());
  }

  private Recipe recipe(String sandboxId, String directory) {
    Set<String> names =
        list(sandboxId, directory, 1)
            .map(reply ->
                reply.getEntriesList().stream()
                    .map(entry -> entry.getPath().substring(entry.getPath().lastIndexOf('/') + 1))
                    .collect(Collectors.toSet()))
            .orElseThrow(() -> AtollException.invalid("workdir", "is no directory"));
    Optional<String> packageJson =
        names.contains("package.json")
            ? Optional.of(read(sandboxId, directory + "/package.json"))
            : Optional.empty();
    return Recipe.of(names, packageJson);
  }

  private String read(String sandboxId, String path) {
    return node.files()
        .readSmall(
            ReadSmallRequest.newBuilder()
                .setWorkloadId(sandboxId)
                .setPath(path)
                .setLimit(MOST_JSON)
                .build())
        .getContent()
        .toStringUtf8();
  }

  private Optional<DirectoryReply> list(String sandboxId, String path, int depth) {
    return ifThere(() ->
        node.files()
            .listDirectory(
                ListDirectoryRequest.newBuilder()
                    .setWorkloadId(sandboxId)
                    .setPath(path)
                    .setDepth(depth)
                    .setLimit(depth == 1 ? 10_000 : MOST_FILES)
                    .build()));
  }

  private Optional<FileInfo> stat(String sandboxId, String path) {
    return ifThere(() ->
        node.files()
            .stat(
                PathRequest.newBuilder()
                    .setWorkloadId(sandboxId)
                    .setPath(path)
                    .setFollow(true)
                    .build()));
  }

  private static <T> Optional<T> ifThere(Supplier<T> look) {
    try {
      return Optional.of(look.get());
    } catch (AtollException refused) {
      if (refused.code() == ErrorCode.FILE_NOT_FOUND || refused.code() == ErrorCode.NOT_A_FILE) {
        return Optional.empty();
      }
      throw refused;
    }
  }

  private AppView.Made artifacts(Call call) {
    return sandboxes.awake(call.principal(), call.path("id"), this::made);
  }

  private AppView.Made made(Sandbox sandbox) {
    List<String> directories = new ArrayList<>();
    List<AppView.Artifact> files = new ArrayList<>();
    boolean cut = false;
    TemplateApp app = sandboxes.app(sandbox);
    for (String output : app.artifacts().isEmpty() ? OUTPUTS : app.artifacts()) {
      String path = output.startsWith("/") ? output : app.workdir() + "/" + output;
      Optional<FileInfo> there = stat(sandbox.id(), path);
      if (there.isPresent() && there.get().getType() == FileType.FILE) {
        files.add(artifact(there.get()));
      }
      Optional<DirectoryReply> found =
          there.isPresent() && there.get().getType() == FileType.DIRECTORY
              ? list(sandbox.id(), path, DEPTH)
              : Optional.empty();
      if (found.isPresent()) {
        directories.add(path);
        cut |= found.get().getCut();
        for (FileInfo info : found.get().getEntriesList()) {
          if (info.getType() == FileType.FILE) {
            files.add(artifact(info));
          }
        }
      }
    }
    int port = sandboxes.defaultPort(sandbox);
    boolean ready =
        new Readiness.Listens(port).obstacle(node, sandbox.id(), Duration.ofSeconds(1)).isEmpty();
    return new AppView.Made(
        new AppView.Artifacts(
            directories, files, files.stream().mapToLong(AppView.Artifact::size).sum(), cut),
        new AppView.Preview(sandboxes.url(sandbox, port), port, ready));
  }

  private static AppView.Artifact artifact(FileInfo info) {
    return new AppView.Artifact(
        info.getPath(), info.getSize(), Instant.ofEpochMilli(info.getModifiedUnixMs()));
  }
}
