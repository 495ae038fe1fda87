package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.model.SandboxId;
import com.atoll.model.SandboxState;
import com.atoll.model.Shape;
import com.atoll.node.v1.CommandSpec;
import com.atoll.server.machines.Region;
import com.atoll.server.policies.Effective;
import com.atoll.server.policies.Policies;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Makes a plan of what a caller asks for, or says what is wrong with it. */
final class Planner {
  static final String DEFAULT_TEMPLATE = "miosa-sandbox";

  /** Name of the process that clones a repository. */
  static final String CLONE = "git-clone";

  private static final String EXEC = "sandboxes:exec";
  private static final String DOCKER_TEMPLATE = "docker";
  private static final int TIMEOUT_SEC = 3600;
  private static final int IDLE_TIMEOUT_SEC = 900;

  /** It is one argument of a command, which Linux takes up to twice as long. */
  private static final int LONGEST_SETUP = 64 << 10;

  private static final int LONGEST_COMMAND = 64 << 10;

  private final Machine machine;
  private final Devices devices;
  private final TemplateBook templates;
  private final Policies policies;

  Planner(Machine machine, TemplateBook templates, Policies policies) {
    this.machine = machine;
    this.devices = new Devices(machine);
    this.templates = templates;
    this.policies = policies;
  }

  private Effective rules(OrganizationId org, Sandbox.Owner owner) {
    return policies.effective(org, owner.workspaceId(), owner.externalUserId());
  }

  private static int seconds(
      Effective rules, String key, String field, @Nullable Integer asked, int usual) {
    Integer checked = asked == null ? null : Bounds.seconds(field, asked, usual);
    return rules.seconds(key, checked, usual);
  }

  /** Refuses a change that the policies of its owner forbid. */
  void require(Sandbox sandbox, Changes changes) {
    Effective rules = rules(sandbox.org(), sandbox.owner());
    rules.requireAlwaysOn(Boolean.TRUE.equals(changes.alwaysOn()));
    if (changes.timeoutSec() != null) {
      rules.seconds("max_timeout_sec", changes.timeoutSec(), 0);
    }
    if (changes.idleTimeoutSec() != null) {
      rules.seconds("max_idle_timeout_sec", changes.idleTimeoutSec(), 0);
    }
  }

  /** Refuses a lifetime, in seconds, that the policies of its owner forbid. */
  void requireLifetime(Sandbox sandbox, int seconds) {
    rules(sandbox.org(), sandbox.owner()).seconds("max_timeout_sec", seconds, 0);
  }

  /** So many seconds of life, or what the policies of its owner allow when that is less. */
  int lifetime(Sandbox sandbox, int seconds) {
    return rules(sandbox.org(), sandbox.owner()).seconds("max_timeout_sec", null, seconds);
  }

  /**
   * The lifetime that is asked for, in seconds; where none is, that of the wish, if there is one.
   */
  @Nullable Integer lifetime(Sandbox sandbox, @Nullable Integer asked, @Nullable LifeWish wish) {
    return asked != null || wish == null
        ? asked
        : Integer.valueOf(lifetime(sandbox, wish.timeoutSec()));
  }

  /** Refuses a shape that the policies of its owner forbid. */
  void require(Sandbox sandbox, Shape wanted) {
    rules(sandbox.org(), sandbox.owner()).requireShape(wanted);
  }

  /** What a caller asks for, who may do all that it means. */
  Plan plan(
      CreateSandbox asked, Principal principal, Sandbox.Owner owner, @Nullable CreateWish wish) {
    Plan plan = plan(asked, principal.org(), owner, wish);
    if (asked.runsCommands()) {
      principal.requireScope(EXEC);
    }
    return plan;
  }

  /** The same of whom it is known that they may. */
  Plan plan(CreateSandbox asked, OrganizationId org, Sandbox.Owner owner) {
    return plan(asked, org, owner, null);
  }

  private Plan plan(
      CreateSandbox asked, OrganizationId org, Sandbox.Owner owner, @Nullable CreateWish wish) {
    refuseWhatThereIsNot(asked);
    Devices.requireSense(asked);
    String template = template(org, wantedTemplate(asked));
    Shape shape = shape(org, asked, template);
    String slug = asked.slug() == null ? Slugs.next() : Slugs.chosen(asked.slug());
    boolean alwaysOn = Boolean.TRUE.equals(asked.alwaysOn());
    Effective rules = rules(org, owner);
    rules.requireShape(shape);
    rules.requireAlwaysOn(alwaysOn);
    int timeout =
        seconds(
            rules,
            "max_timeout_sec",
            "timeout_sec",
            asked.timeoutSec(),
            wish == null ? TIMEOUT_SEC : wish.timeoutSec());
    int idle =
        seconds(
            rules,
            "max_idle_timeout_sec",
            "idle_timeout_sec",
            asked.idleTimeoutSec(),
            wish == null ? IDLE_TIMEOUT_SEC : wish.idleTimeoutSec());
    OffsetDateTime now = now();
    String name = asked.name() == null ? slug : Bounds.name(asked.name());
    Map<String, Object> metadata = Bounds.metadata(asked.metadata());
    List<String> tags = Bounds.tags(asked.tags());
    Env env = Env.of(Bounds.env(asked.env()));
    String setup = setup(asked.setupFile());
    Plan.Begin begin =
        new Plan.Begin(
            starts(asked),
            ServiceWish.all(asked.services()),
            Boolean.TRUE.equals(asked.autoStart()),
            asked.readinessProbe() == null ? null : asked.readinessProbe().checked());
    // The machine is asked last: what is wrong whatever it says is told without it.
    String isolation = machine.isolation(asked.isolation());
    Hardware hardware = devices.hardware(asked, rules, isolation);
    Sandbox sandbox =
        new Sandbox(
            SandboxId.next().value(),
            org,
            slug,
            name,
            SandboxState.RUNNING,
            1,
            template,
            shape,
            isolation,
            owner,
            !Boolean.FALSE.equals(asked.persistent()),
            alwaysOn,
            timeout,
            idle,
            alwaysOn || timeout == 0 ? null : now.plusSeconds(timeout),
            metadata,
            tags,
            null,
            null,
            null,
            null,
            null,
            0,
            0,
            now,
            now,
            now,
            begin.probe() == null ? now : null,
            null,
            now);
    Plan plan =
        new Plan(sandbox, null, null, env, Boolean.TRUE.equals(asked.failFast()), setup, begin)
            .with(hardware);
    machine.requireFits(shape);
    return plan;
  }

  /**
   * A sandbox like another one, with its files.
   *
   * @param snapshotId the snapshot that holds the files; null for those that are there now
   * @param kept what it has besides files
   * @param wish what is said besides; null where nothing is
   */
  Plan fork(
      Sandbox source,
      @Nullable String snapshotId,
      Kept kept,
      ForkSandbox asked,
      Principal principal,
      @Nullable CreateWish wish) {
    refuseEnvironment(asked.environment());
    requireTemplateOf(source, asked.templateId());
    String slug = asked.slug() == null ? Slugs.next() : Slugs.chosen(asked.slug());
    Sandbox.Owner owner = Owners.forked(source.owner(), principal, asked.externalUserId());
    Effective rules = rules(source.org(), owner);
    rules.requireShape(source.shape());
    boolean alwaysOn = asked.isAlwaysOn(source.alwaysOn());
    rules.requireAlwaysOn(alwaysOn);
    int timeout =
        seconds(
            rules,
            "max_timeout_sec",
            "timeout_sec",
            asked.timeoutSec(),
            wish == null ? source.timeoutSec() : wish.timeoutSec());
    int idleTimeout =
        seconds(
            rules,
            "max_idle_timeout_sec",
            "idle_timeout_sec",
            asked.idleTimeoutSec(),
            wish == null ? source.idleTimeoutSec() : wish.idleTimeoutSec());
    OffsetDateTime now = now();
    Sandbox fork =
        new Sandbox(
            SandboxId.next().value(),
            source.org(),
            slug,
            asked.name() == null ? slug : Bounds.name(asked.name()),
            SandboxState.RUNNING,
            1,
            source.templateId(),
            source.shape(),
            source.isolation(),
            owner,
            asked.persistent() == null ? source.persistent() : asked.persistent(),
            alwaysOn,
            timeout,
            idleTimeout,
            alwaysOn || timeout == 0 ? null : now.plusSeconds(timeout),
            asked.metadata() == null ? source.metadata() : Bounds.metadata(asked.metadata()),
            source.tags(),
            source.id(),
            null,
            null,
            null,
            null,
            0,
            0,
            now,
            now,
            now,
            now,
            null,
            now);
    Env env = kept.env().with(Bounds.env(asked.env()), Set.of());
    boolean failFast = Boolean.TRUE.equals(asked.failFast());
    Boolean memory = asked.memory();
    if (Boolean.TRUE.equals(memory) && !source.isolation().equals("gvisor")) {
      throw AtollException.invalid("memory", "is copied of sandboxes under gVisor only");
    }
    return new Plan(
        fork,
        source.id(),
        snapshotId,
        env,
        failFast,
        null,
        Plan.Begin.NOTHING,
        List.of(),
        memory,
        Hardware.NONE,
        kept.egress(),
        kept.ports(),
        null);
  }

  /** The present, as precise as PostgreSQL keeps it. */
  static OffsetDateTime now() {
    return OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
  }

  private static @Nullable String wantedTemplate(CreateSandbox asked) {
    String id = asked.templateId();
    if (!Boolean.TRUE.equals(asked.docker())) {
      return id;
    }
    if (id != null && !id.isEmpty() && !id.equals(DOCKER_TEMPLATE)) {
      throw AtollException.invalid("template_id", "must be docker, or left out, with docker");
    }
    return DOCKER_TEMPLATE;
  }

  /** What is asked for; what the template says when nothing is. */
  private Shape shape(OrganizationId org, CreateSandbox asked, String template) {
    boolean nothing =
        asked.size() == null
            && asked.cpuCount() == null
            && asked.memoryMb() == null
            && asked.diskSizeMb() == null;
    Shape own = nothing ? templates.shape(org, template) : null;
    return own == null
        ? Shape.resolve(asked.size(), asked.cpuCount(), asked.memoryMb(), asked.diskSizeMb())
        : own;
  }

  private String template(OrganizationId org, @Nullable String id) {
    if (id == null || id.isEmpty()) {
      return DEFAULT_TEMPLATE;
    }
    if (id.length() > 200) {
      throw AtollException.of(ErrorCode.TEMPLATE_NOT_FOUND, id.substring(0, 60) + "…");
    }
    return templates.resolve(org, id);
  }

  private void requireTemplateOf(Sandbox source, @Nullable String id) {
    boolean same = id == null || id.isEmpty() || id.equals(source.templateId());
    if (!same && !template(source.org(), id).equals(source.templateId())) {
      throw AtollException.invalid(
          "template_id", "must be that of the source, " + source.templateId() + ", or left out");
    }
  }

  static void refuseEnvironment(@Nullable String environment) {
    if (environment != null) {
      throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, "environment");
    }
  }

  private static void refuseWhatThereIsNot(CreateSandbox asked) {
    String profile = asked.runtimeProfile();
    if (profile != null && !List.of("standard", "auto", "firecracker").contains(profile)) {
      throw AtollException.invalid("runtime_profile", "is not available; standard and auto are");
    }
    refuseEnvironment(asked.environment());
    Region.require(asked.region());
    Map<String, Object> placement = asked.computePlacementRequest();
    if (placement != null && !"miosa".equals(placement.getOrDefault("provider", "miosa"))) {
      throw AtollException.invalid("compute_placement_request", "must have provider miosa");
    }
    JsonNode database = asked.database();
    if (database != null && !(database.isBoolean() && !database.asBoolean())) {
      throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, "database");
    }
    if (Boolean.TRUE.equals(asked.allowProvision())) {
      throw AtollException.of(ErrorCode.NOT_IMPLEMENTED, "allow_provision");
    }
  }

  private static @Nullable String setup(@Nullable String script) {
    if (script == null || script.isBlank()) {
      return null;
    }
    if (script.indexOf('\0') >= 0) {
      throw AtollException.of(ErrorCode.INVALID_SETUP_FILE, "it holds NUL, which no text does");
    }
    if (script.getBytes(StandardCharsets.UTF_8).length > LONGEST_SETUP) {
      throw AtollException.of(
          ErrorCode.INVALID_SETUP_FILE, "it is larger than " + LONGEST_SETUP + " bytes");
    }
    return script;
  }

  private static List<Plan.Start> starts(CreateSandbox asked) {
    List<Plan.Start> starts = new ArrayList<>();
    String repository = asked.githubRepoUrl();
    if (repository != null && !repository.isEmpty()) {
      starts.add(new Plan.Start(CLONE, clone(repository, asked)));
    }
    JsonNode entrypoint = asked.entrypoint();
    if (entrypoint != null && !entrypoint.isNull()) {
      starts.add(new Plan.Start("entrypoint", entrypoint(entrypoint)));
    }
    return starts;
  }

  private static CommandSpec clone(String repository, CreateSandbox asked) {
    if (!repository.matches("https://[A-Za-z0-9.-]+(:[0-9]+)?/[A-Za-z0-9._~/-]+")) {
      throw AtollException.invalid("github_repo_url", "must be an https URL of a repository");
    }
    CommandSpec.Builder command =
        CommandSpec.newBuilder().addWords("git").addWords("clone").addWords("--quiet");
    String branch = asked.githubBranch();
    if (branch != null && !branch.isEmpty()) {
      if (!branch.matches("[A-Za-z0-9._/][A-Za-z0-9._/-]{0,200}")) {
        throw AtollException.invalid("github_branch", "is not the name of a branch");
      }
      command.addWords("--branch").addWords(branch);
    }
    command.addWords("--").addWords(repository);
    String path = asked.githubClonePath();
    if (path != null && !path.isEmpty()) {
      command.addWords(path);
    }
    return command.build();
  }

  private static CommandSpec entrypoint(JsonNode entrypoint) {
    if (entrypoint.isString()) {
      return CommandSpec.newBuilder().setShell(line("entrypoint", entrypoint.asString())).build();
    }
    CommandSpec.Builder command = CommandSpec.newBuilder();
    if (!entrypoint.isArray() || entrypoint.isEmpty() || entrypoint.size() > 1000) {
      throw AtollException.invalid("entrypoint", "must be a shell line or a list of words");
    }
    for (JsonNode word : entrypoint) {
      if (!word.isString()) {
        throw AtollException.invalid("entrypoint", "must be a shell line or a list of words");
      }
      command.addWords(line("entrypoint", word.asString()));
    }
    return command.build();
  }

  private static String line(String field, String text) {
    if (text.indexOf('\0') >= 0 || text.length() > LONGEST_COMMAND) {
      throw AtollException.invalid(field, "holds NUL or is too long");
    }
    return text;
  }
}
