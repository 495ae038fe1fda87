package com.atoll.node.service;

import com.atoll.node.builds.BuildRecord;
import com.atoll.node.builds.Builds;
import com.atoll.node.builds.Uploads;
import com.atoll.node.faults.Check;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.images.Action;
import com.atoll.node.images.Image;
import com.atoll.node.images.ImageException;
import com.atoll.node.images.Images;
import com.atoll.node.images.Recipe;
import com.atoll.node.streams.Tickets;
import com.atoll.node.v1.BuildCopy;
import com.atoll.node.v1.BuildFiles;
import com.atoll.node.v1.BuildFilesRef;
import com.atoll.node.v1.BuildStep;
import com.atoll.node.v1.Empty;
import com.atoll.node.v1.NodeGrpc;
import com.atoll.node.v1.OpenBuildFilesRequest;
import com.atoll.node.v1.TemplateBuild;
import com.atoll.node.v1.TemplateBuildEvent;
import com.atoll.node.v1.TemplateBuildList;
import com.atoll.node.v1.TemplateBuildLog;
import com.atoll.node.v1.TemplateBuildLogRequest;
import com.atoll.node.v1.TemplateBuildRef;
import com.atoll.node.v1.TemplateBuildRequest;
import com.atoll.node.v1.Ticket;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Builds of images. */
final class BuildCalls {
  private static final int MOST_STEPS = 100;
  private static final int MOST_PACKAGES = 200;
  private static final int LONGEST_LINE = 64 * 1024;
  private static final int USUAL_LOG = 64 * 1024;
  private static final int MOST_LOG = 1 << 20;
  private static final int LONGEST_WAIT = 20_000;
  private static final Pattern PACKAGE = Pattern.compile("[a-z0-9][a-z0-9+.:-]{1,100}");
  private static final int LONGEST_PATH = 4_000;
  private static final Pattern FILES = Pattern.compile("[A-Za-z0-9_-]{1,128}");
  private static final Pattern MODE = Pattern.compile("[0-7]{3,5}");
  private static final Pattern OWNER =
      Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,63})?");
  private static final Pattern USER = Pattern.compile("[a-z_][a-z0-9_-]{0,31}|[0-9]{1,5}");

  private final Builds builds;
  private final Uploads uploads;
  private final Images images;
  private final Tickets tickets;

  BuildCalls(Builds builds, Uploads uploads, Images images, Tickets tickets) {
    this.builds = builds;
    this.uploads = uploads;
    this.images = images;
    this.tickets = tickets;
  }

  /** Answers its calls. */
  void bind(Methods methods) {
    methods.answer(NodeGrpc.getStartTemplateBuildMethod(), this::start);
    methods.answer(NodeGrpc.getGetTemplateBuildMethod(), this::get);
    methods.answer(NodeGrpc.getListTemplateBuildsMethod(), this::list);
    methods.answer(NodeGrpc.getReadTemplateBuildLogMethod(), this::log);
    methods.answer(NodeGrpc.getCancelTemplateBuildMethod(), this::cancel);
    methods.answer(NodeGrpc.getDropTemplateBuildMethod(), this::drop);
    methods.answer(NodeGrpc.getOpenBuildFilesMethod(), this::openFiles);
    methods.answer(NodeGrpc.getGetBuildFilesMethod(), this::getFiles);
  }

  TemplateBuild start(TemplateBuildRequest request) {
    String id = Check.id("id", request.getId());
    String scope = scope(request.getScope());
    BuildRecord.Order order =
        new BuildRecord.Order(scope, recipe(request), Requests.shape(request.getLimits()));
    return reply(builds.start(id, order));
  }

  TemplateBuild get(TemplateBuildRef request) {
    return reply(builds.get(Check.id("id", request.getId())));
  }

  TemplateBuildList list() {
    TemplateBuildList.Builder reply = TemplateBuildList.newBuilder();
    builds.list().forEach(build -> reply.addBuilds(reply(build)));
    return reply.build();
  }

  TemplateBuildLog log(TemplateBuildLogRequest request) {
    String id = Check.id("id", request.getId());
    long offset = Check.within("offset", request.getOffset(), 0, Long.MAX_VALUE);
    int limit = Check.within("limit", request.getLimit(), 0, MOST_LOG);
    long wait = Check.within("wait_ms", request.getWaitMs(), 0, LONGEST_WAIT);
    // What it became is read first: a build that is over says nothing after what is read then.
    String before = builds.get(id).stage().wire();
    byte[] output = builds.log(id, offset, limit == 0 ? USUAL_LOG : limit, wait);
    return TemplateBuildLog.newBuilder()
        .setOutput(ByteString.copyFrom(output))
        .setState(output.length == 0 ? before : builds.get(id).stage().wire())
        .build();
  }

  TemplateBuild cancel(TemplateBuildRef request) {
    return reply(builds.cancel(Check.id("id", request.getId())));
  }

  Empty drop(TemplateBuildRef request) {
    builds.drop(Check.id("id", request.getId()));
    return Empty.getDefaultInstance();
  }

  Ticket openFiles(OpenBuildFilesRequest request) {
    String scope = scope(request.getScope());
    String name = filesName("name", request.getName());
    long size = Check.within("size", request.getSize(), 1, Uploads.LARGEST);
    String token = tickets.issue(client -> uploads.receive(scope, name, size, client));
    return Ticket.newBuilder().setToken(token).build();
  }

  BuildFiles getFiles(BuildFilesRef request) {
    String name = filesName("name", request.getName());
    Uploads.Kept kept =
        uploads
            .find(scope(request.getScope()), name)
            .orElseThrow(() -> NodeFault.notFound("BUILD_FILES_NOT_FOUND", "no files " + name));
    return BuildFiles.newBuilder().setSizeBytes(kept.sizeBytes()).build();
  }

  TemplateBuild reply(BuildRecord build) {
    TemplateBuild.Builder reply =
        TemplateBuild.newBuilder()
            .setId(build.id())
            .setState(build.stage().wire())
            .setErrorCode(build.code())
            .setError(build.error())
            .setDigest(build.digest())
            .setProbe(build.certificate().probe())
            .setBootMs(build.certificate().bootMs())
            .setReadyMs(build.certificate().readyMs());
    for (BuildRecord.Moment event : build.events()) {
      reply.addEvents(
          TemplateBuildEvent.newBuilder().setState(event.stage().wire()).setAtUnixMs(event.atMs()));
    }
    if (!build.digest().isEmpty()) {
      reply.setSizeBytes(size(build.digest()));
    }
    return reply.build();
  }

  private long size(String digest) {
    try {
      Image image = images.byDigest(digest);
      return image.sizeBytes();
    } catch (ImageException gone) {
      return 0;
    }
  }

  private static Recipe recipe(TemplateBuildRequest request) {
    int port = request.getPreviewPort();
    return new Recipe(
        filled("from", request.getFrom(), 512),
        packages(request.getPackagesList()),
        steps(request),
        Check.env("env", request.getEnvMap()),
        Check.path("workdir", request.getWorkdir()),
        user(request.getUser()),
        Check.text("start_command", request.getStartCommand(), LONGEST_LINE),
        Check.text("ready_command", request.getReadyCommand(), LONGEST_LINE),
        port == 0 ? 0 : Check.port("preview_port", port));
  }

  private static List<String> packages(List<String> names) {
    if (names.size() > MOST_PACKAGES) {
      throw NodeFault.invalid("packages: at most " + MOST_PACKAGES);
    }
    for (String name : names) {
      if (!PACKAGE.matcher(name).matches()) {
        throw NodeFault.invalid("packages: a name has a-z, 0-9, +, -, . and :");
      }
    }
    return names;
  }

  private static List<Action> steps(TemplateBuildRequest request) {
    List<Action> steps = new ArrayList<>();
    for (String line : request.getStepsList()) {
      steps.add(Action.of(filled("steps", line, LONGEST_LINE)));
    }
    request.getActionsList().forEach(step -> steps.add(action(step)));
    if (steps.size() > MOST_STEPS) {
      throw NodeFault.invalid("steps: at most " + MOST_STEPS);
    }
    return steps;
  }

  private static Action action(BuildStep step) {
    boolean copies = step.hasCopy();
    if (copies != step.getRun().isBlank()) {
      throw NodeFault.invalid("steps: each runs a line or copies files");
    }
    return new Action(
        copies ? "" : filled("steps", step.getRun(), LONGEST_LINE),
        step.getUser().isEmpty() ? "" : user(step.getUser()),
        step.getWorkdir().isEmpty() ? "" : Check.path("workdir", step.getWorkdir()),
        Check.env("env", step.getEnvMap()),
        step.getFresh(),
        copies ? copy(step.getCopy()) : null);
  }

  private static Action.Copy copy(BuildCopy copy) {
    String source = filled("copy.source", copy.getSource(), LONGEST_PATH);
    if (source.startsWith("/") || List.of(source.split("/", -1)).contains("..")) {
      throw NodeFault.invalid("copy.source: must be a path below the folder, without ..");
    }
    String owner = copy.getOwner();
    if (!owner.isEmpty() && !OWNER.matcher(owner).matches()) {
      throw NodeFault.invalid("copy.owner: must be a user, or user:group");
    }
    if (!copy.getMode().isEmpty() && !MODE.matcher(copy.getMode()).matches()) {
      throw NodeFault.invalid("copy.mode: must be octal digits");
    }
    return new Action.Copy(
        filesName("copy.files", copy.getFiles()),
        source,
        filled("copy.target", copy.getTarget(), LONGEST_PATH),
        owner,
        copy.getMode());
  }

  private static String scope(String scope) {
    return Check.text("scope", scope, 200);
  }

  private static String filesName(String field, String name) {
    if (!FILES.matcher(name).matches()) {
      throw NodeFault.invalid(field + ": 1 to 128 characters of A-Z, a-z, 0-9, _ and -");
    }
    return name;
  }

  private static String user(String name) {
    if (!USER.matcher(name).matches()) {
      throw NodeFault.invalid("user: must be the name or number of a user");
    }
    return name;
  }

  private static String filled(String field, String text, int most) {
    if (text.isBlank()) {
      throw NodeFault.invalid(field + ": must not be empty");
    }
    return Check.text(field, text, most);
  }
}
