package com.atoll.node;

import com.atoll.node.v1.ClaimRequest;
import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.DescribeRequest;
import com.atoll.node.v1.ForkRequest;
import com.atoll.node.v1.Limits;
import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.Measurement;
import com.atoll.node.v1.NodeGrpc;
import com.atoll.node.v1.PauseRequest;
import com.atoll.node.v1.RunReply;
import com.atoll.node.v1.RunRequest;
import com.atoll.node.v1.Snapshot;
import com.atoll.node.v1.SnapshotRef;
import com.atoll.node.v1.TakeSnapshotRequest;
import com.atoll.node.v1.TemplateBuild;
import com.atoll.node.v1.TemplateBuildLogRequest;
import com.atoll.node.v1.TemplateBuildRef;
import com.atoll.node.v1.TemplateBuildRequest;
import com.atoll.node.v1.Workload;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.platform.Installation;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** The real node in a process and an installation of its own; everything it left is removed. */
final class NodeUnderTest implements AutoCloseable {
  static final String TEMPLATE = "tiny";

  /** Three tenths of a second of a processor, however many others want it. */
  static final String BUSY =
      "read -r a b c d e f g h i j k l m before _ < /proc/self/stat; while :; do"
          + " read -r a b c d e f g h i j k l m now _ < /proc/self/stat;"
          + " [ $((now - before)) -ge 30 ] && break; done";

  private static final Path IMAGES =
      Path.of(System.getProperty("atoll.images.cache", "/var/tmp/atoll-test-images"));
  private static final AtomicInteger NUMBERS = new AtomicInteger();
  private static final Duration START_TIME = Duration.ofSeconds(100);

  /** Of an image from Debian packages, on a machine that does other things too. */
  private static final Duration BUILD_TIME = Duration.ofMinutes(5);

  private static final Path FOLDERS = Path.of("/tmp");
  private static @Nullable Program program;
  private static boolean swept;

  private final Path folder;
  private final Path file;
  private final Installation installation;
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private @Nullable Process process;
  private @Nullable ManagedChannel channel;

  private NodeUnderTest(Path folder, Path file) {
    this.folder = folder;
    this.file = file;
    this.installation = Installation.read(file);
  }

  /** A node of its own, not started. */
  static NodeUnderTest create() throws IOException {
    return create(made -> {});
  }

  /** The same, in which so many machines wait, and at most so many where more are asked for. */
  static NodeUnderTest createWithPool(int usual, int most) throws IOException {
    return create(made -> made.put("warm_pool", usual).put("warm_pool_most", most));
  }

  /** The same, whose owner allows gVisor. */
  static NodeUnderTest createWithGvisor(Path runsc) throws IOException {
    return create(made -> {
      tools.jackson.databind.node.ObjectNode isolation = made.putObject("isolation");
      isolation.putArray("allowed").add("container").add("gvisor");
      isolation.put("auto", "container").put("runsc", runsc.toString()).put("gvisor_warm_pool", 1);
    });
  }

  /** The same, whose owner allows virtual machines; without KVM they are emulated. */
  static NodeUnderTest createWithMicrovm(Path root, boolean emulated) throws IOException {
    return create(made -> {
      tools.jackson.databind.node.ObjectNode isolation = made.putObject("isolation");
      isolation.putArray("allowed").add("container").add("microvm");
      isolation.put("auto", "container").putNull("runsc").put("gvisor_warm_pool", 0);
      isolation.put("microvm", root.toString()).put("microvm_emulation", emulated);
    });
  }

  private static NodeUnderTest create(Consumer<tools.jackson.databind.node.ObjectNode> changes)
      throws IOException {
    sweep();
    long pid = ProcessHandle.current().pid();
    int number = NUMBERS.incrementAndGet();
    Path folder = FOLDERS.resolve("atoll-node-test-" + pid + "-" + number);
    for (String each :
        List.of("", "home", "run", "archive", "dist/bin", "dist/templates/" + TEMPLATE)) {
      Files.createDirectories(folder.resolve(each));
    }
    for (String each : List.of("", "home", "run", "dist", "dist/bin")) {
      Files.setPosixFilePermissions(
          folder.resolve(each), PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    program().copyBinaries(folder.resolve("dist/bin"));
    Files.writeString(
        folder.resolve("dist/templates/" + TEMPLATE + "/template.json"),
        "{\"suite\": \"bookworm\", \"packages\": [\"python3\", \"procps\"]}");
    copy(IMAGES, folder.resolve("home/images"));
    Path file = folder.resolve("installation.json");
    tools.jackson.databind.node.ObjectNode made = installation(folder, (int) (pid % 200) + number);
    changes.accept(made);
    Files.writeString(file, made.toString());
    return new NodeUnderTest(folder, file);
  }

  private static tools.jackson.databind.node.ObjectNode installation(Path folder, int number) {
    JsonMapper json = JsonMapper.builder().build();
    tools.jackson.databind.node.ObjectNode made = json.createObjectNode();
    made.set("bind", json.createArrayNode());
    made.put("snapshot_archive", folder.resolve("archive").toString());
    made.set("allowed_ranges", json.createArrayNode());
    made.set("denied_ranges", json.createArrayNode().add("10.0.0.0/8"));
    made.set("image_registries", json.createArrayNode().add("127.0.0.1:" + (56_000 + number)));
    return made.put("id", "n" + String.format("%03d", number))
        .put("home", folder.resolve("home").toString())
        .put("run", folder.resolve("run").toString())
        .put("dist", folder.resolve("dist").toString())
        .put("http_port", 0)
        .put("tls_port", 0)
        .put("domain", "localhost")
        .put("link_scheme", "http")
        .put("server_uid", 65_533)
        .put("edge_uid", 65_532)
        .put("postgres_uid", 65_531)
        .put("gid", 65_533)
        .put("address_pool", "100.97." + (number + 1) + ".0/24")
        .put("gateway_address", "169.254.88." + (number + 1))
        .put("dns_port", 54_000 + number)
        .put("uid_base", 1_800_000_000L + 20_000_000L * (number % 5))
        .put("uid_count", 16_777_216)
        .put("firewall_mark", 5_000 + number)
        .put("warm_pool", 1)
        .put("disk_image_mb", 4096)
        .put("crash_points", true);
  }

  /** All processes of all its machines. */
  List<ProcessHandle> machineProcesses() {
    String groups = "/atoll-" + installation.id() + "/m-";
    return ProcessHandle.allProcesses().filter(process -> isIn(process, groups)).toList();
  }

  private static boolean isIn(ProcessHandle process, String groups) {
    try {
      return Files.readString(Path.of("/proc/" + process.pid() + "/cgroup")).contains(groups);
    } catch (IOException gone) {
      return false;
    }
  }

  Installation installation() {
    return installation;
  }

  private static synchronized Program program() throws IOException {
    Program packed = program;
    if (packed == null) {
      packed = Program.packed();
      program = packed;
    }
    return packed;
  }

  /** One that does a little and ends in good order makes the starts of all others shorter. */
  private static synchronized void train() throws IOException {
    if (!program().isTrained()) {
      try (NodeUnderTest first = create()) {
        first.startUntrained();
        first.awaitTemplate();
        var _ = first.claim("first");
        var _ = first.shell("first", "true");
        first.destroy("first");
        first.terminate();
      }
    }
  }

  /** Starts the process and waits until it answers. */
  NodeGrpc.NodeBlockingStub start() throws IOException {
    train();
    return startUntrained();
  }

  private NodeGrpc.NodeBlockingStub startUntrained() throws IOException {
    process = java("com.atoll.node.NodeMain");
    channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(installation.nodeSocket().toFile()))
            .eventLoopGroup(loops)
            .channelType(EpollDomainSocketChannel.class)
            .usePlaintext()
            .build();
    await("the node answers", () -> answers() || !process().isAlive());
    if (!process().isAlive()) {
      throw new IOException(log());
    }
    return node();
  }

  private boolean answers() {
    try {
      return node().describe(DescribeRequest.getDefaultInstance()).getCpus() > 0;
    } catch (io.grpc.StatusRuntimeException notYet) {
      channel().resetConnectBackoff();
      return false;
    }
  }

  /** Waits until the image is built and a machine of it is warm, then keeps the image. */
  void awaitTemplate() throws IOException {
    try {
      await(
          BUILD_TIME,
          "a warm machine",
          () ->
              node().listTemplates(ListRequest.getDefaultInstance()).getTemplatesList().stream()
                  .anyMatch(one -> one.getId().equals(TEMPLATE) && one.getWarm() > 0));
    } catch (AssertionError late) {
      throw new AssertionError(log(), late);
    }
    copy(folder.resolve("home/images"), IMAGES);
  }

  NodeGrpc.NodeBlockingStub node() {
    return NodeGrpc.newBlockingStub(channel());
  }

  Process process() {
    if (process == null) {
      throw new IllegalStateException("not started");
    }
    return process;
  }

  private ManagedChannel channel() {
    if (channel == null) {
      throw new IllegalStateException("not started");
    }
    return channel;
  }

  /** Ends it as a crash would. */
  void kill() {
    process().destroyForcibly();
    awaitEnd();
  }

  /** Asks it to end. */
  void terminate() {
    process().destroy();
    awaitEnd();
  }

  /** Waits for its end; the answer is its exit code. */
  int awaitEnd() {
    try {
      channel().shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
      return process().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Names the crash point that ends the process. */
  void crashAt(String point) throws IOException {
    Files.createDirectories(installation.run().resolve("crash"));
    Files.writeString(installation.run().resolve("crash/at"), point);
  }

  /** Removes everything from the host, as {@code down} does; the answer is its exit code. */
  int tearDown() throws IOException {
    try {
      return java("com.atoll.node.TearDown").waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** What of this installation is on the host, each in a line. */
  List<String> leftOnHost() throws IOException {
    List<String> left = new ArrayList<>();
    String id = installation.id();
    left.addAll(lines("grep", "-F", folder.toString(), "/proc/self/mountinfo"));
    left.addAll(lines("find", "/sys/fs/cgroup", "-name", "atoll-" + id));
    left.addAll(
        lines("ip", "-o", "link", "show").stream().filter(l -> l.contains(id + "h")).toList());
    left.addAll(
        lines("losetup", "-a").stream().filter(l -> l.contains(folder.toString())).toList());
    left.addAll(lines("nft", "list", "tables").stream().filter(l -> l.contains(id)).toList());
    left.addAll(lines("pgrep", "-af", folder + "/dist/bin"));
    return left;
  }

  Workload claim(String id) {
    return node().claim(claimOf(id).build());
  }

  static ClaimRequest.Builder claimOf(String id) {
    return ClaimRequest.newBuilder()
        .setId(id)
        .setTemplateId(TEMPLATE)
        .setHostname("box")
        .setLimits(limits());
  }

  static TemplateBuildRequest.Builder buildOf(String id) {
    return TemplateBuildRequest.newBuilder()
        .setId(id)
        .setFrom(TEMPLATE)
        .setWorkdir("/workspace")
        .setUser("root")
        .setLimits(limits());
  }

  /** Waits until a build is over; it must be as it is said. */
  TemplateBuild awaitBuild(String id, String state) {
    TemplateBuildRef ref = TemplateBuildRef.newBuilder().setId(id).build();
    List<String> over = List.of("ready", "failed", "cancelled");
    await("build " + id + " is over", () -> over.contains(node().getTemplateBuild(ref).getState()));
    TemplateBuild build = node().getTemplateBuild(ref);
    if (!build.getState().equals(state)) {
      throw new AssertionError(build + buildLog(id) + log());
    }
    return build;
  }

  /** All that a build has said. */
  String buildLog(String id) {
    return node()
        .readTemplateBuildLog(
            TemplateBuildLogRequest.newBuilder().setId(id).setLimit(1 << 20).build())
        .getOutput()
        .toStringUtf8();
  }

  static Limits limits() {
    return Limits.newBuilder()
        .setCpuMillis(1000)
        .setMemoryMb(256)
        .setDiskMb(512)
        .setPids(128)
        .build();
  }

  RunReply shell(String id, String line) {
    return node()
        .run(
            RunRequest.newBuilder()
                .setWorkloadId(id)
                .setCommand(CommandSpec.newBuilder().setShell(line).setTimeoutMs(60_000))
                .build());
  }

  String out(String id, String line) {
    RunReply reply = shell(id, line);
    return reply.getStdout().toStringUtf8() + reply.getStderr().toStringUtf8();
  }

  Workload get(String id) {
    return node().get(WorkloadRef.newBuilder().setId(id).build());
  }

  Snapshot take(String id, String workload) {
    return node()
        .takeSnapshot(
            TakeSnapshotRequest.newBuilder().setSnapshotId(id).setWorkloadId(workload).build());
  }

  /** A workload on the files of a snapshot. */
  Workload forkSnapshot(String snapshot, String id) {
    return node()
        .forkSnapshot(ForkRequest.newBuilder().setSourceId(snapshot).setClaim(claimOf(id)).build());
  }

  void dropSnapshot(String id) {
    var _ = node().dropSnapshot(SnapshotRef.newBuilder().setId(id).build());
  }

  Measurement measure(String id) {
    return node().measure(WorkloadRef.newBuilder().setId(id).build());
  }

  Workload pause(String id, PauseRequest.Mode mode) {
    return node().pause(PauseRequest.newBuilder().setId(id).setMode(mode).build());
  }

  void destroy(String id) {
    var _ = node().destroy(WorkloadRef.newBuilder().setId(id).build());
  }

  /** Looks until it is so. */
  static void await(String what, BooleanSupplier so) {
    await(START_TIME, what, so);
  }

  private static void await(Duration patience, String what, BooleanSupplier so) {
    long end = System.nanoTime() + patience.toNanos();
    CountDownLatch never = new CountDownLatch(1);
    try {
      while (!so.getAsBoolean()) {
        if (System.nanoTime() > end || never.await(20, TimeUnit.MILLISECONDS)) {
          throw new AssertionError("not in time: " + what);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** What it complained of last, in one line. */
  String warnings() {
    List<String> complaints =
        log().lines().filter(line -> line.matches(".*(WARN|Exception: ).*")).toList();
    return String.join(
        " | ", complaints.subList(Math.max(0, complaints.size() - 8), complaints.size()));
  }

  private String log() {
    try {
      String text = Files.readString(folder.resolve("node.log"));
      return text.substring(Math.max(0, text.length() - 8_000));
    } catch (IOException e) {
      return String.valueOf(e);
    }
  }

  /** Removes what a run has left that was ended in the middle. */
  private static synchronized void sweep() throws IOException {
    if (swept) {
      return;
    }
    swept = true;
    Pattern name = Pattern.compile("atoll-node-test-([0-9]+)-[0-9]+");
    try (DirectoryStream<Path> all = Files.newDirectoryStream(FOLDERS)) {
      for (Path folder : all) {
        Matcher matcher = name.matcher(String.valueOf(folder.getFileName()));
        Path file = folder.resolve("installation.json");
        if (matcher.matches()
            && ProcessHandle.of(Long.parseLong(matcher.group(1))).isEmpty()
            // Without it, nothing was begun.
            && Files.exists(file)) {
          new NodeUnderTest(folder, file).close();
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (process != null && process.isAlive()) {
      kill();
    }
    tearDown();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    run(List.of("rm", "-rf", "--one-file-system", folder.toString()));
  }

  private Process java(String main) throws IOException {
    List<String> words = new ArrayList<>(List.of("unshare", "--mount", "--propagation", "slave"));
    words.addAll(program().words(main));
    words.addAll(List.of("--installation", file.toString()));
    ProcessBuilder builder = new ProcessBuilder(words);
    builder.environment().put("LC_ALL", "C.UTF-8");
    return builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("node.log").toFile()))
        .start();
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    if (!Files.isDirectory(from)) {
      return;
    }
    try (DirectoryStream<Path> images = Files.newDirectoryStream(from, "*.erofs")) {
      for (Path image : images) {
        Path target = to.resolve(String.valueOf(image.getFileName()));
        if (!Files.exists(target)) {
          Path half = to.resolve(image.getFileName() + "." + ProcessHandle.current().pid());
          Files.copy(image, half);
          Files.move(half, target);
        }
      }
    }
  }

  static void run(List<String> words) throws IOException {
    List<String> output = lines(words.toArray(String[]::new));
    if (!output.isEmpty()) {
      throw new IOException(words.getFirst() + ": " + output);
    }
  }

  private static List<String> lines(String... words) throws IOException {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    List<String> lines = process.inputReader().lines().toList();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return lines;
  }
}
