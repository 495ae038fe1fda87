package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.model.SandboxId;
import com.atoll.model.SandboxState;
import com.atoll.node.v1.UpdateRequest;
import com.atoll.server.http.Call;
import com.atoll.server.http.Json;
import com.atoll.server.http.Page;
import com.atoll.server.identity.Identity;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.store.Deed;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jooq.Condition;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/** The rules of sandboxes, behind the API and for other capabilities. */
final class SandboxService implements Sandboxes {
  private static final Logger LOG = LoggerFactory.getLogger(SandboxService.class);

  private static final String READ_VOLUMES = "volumes:read";
  private static final String WRITE_VOLUMES = "volumes:write";

  private final Store store;
  private final NodeClient node;
  private final Identity identity;
  private final SandboxStore table;
  private final Rows rows;
  private final Directory directory;
  private final Creation creation;
  private final Lifecycle lifecycle;
  private final Afterwork afterwork;
  private final Activity activity;
  private final SandboxViews views;
  private final ToIntFunction<Sandbox> defaultPort;
  private final SandboxVolumes volumes;
  private final TemplateBook templates;
  private final Apps apps;
  private final Builds builds;
  private final Variables variables;
  private final Alterations alterations;

  SandboxService(
      Store store,
      NodeClient node,
      Identity identity,
      SandboxStore table,
      Rows rows,
      Directory directory,
      Creation creation,
      Lifecycle lifecycle,
      Afterwork afterwork,
      Activity activity,
      SandboxViews views,
      ToIntFunction<Sandbox> defaultPort,
      SandboxVolumes volumes,
      TemplateBook templates,
      Apps apps,
      ToldChanges told) {
    this.store = store;
    this.node = node;
    this.identity = identity;
    this.table = table;
    this.rows = rows;
    this.directory = directory;
    this.creation = creation;
    this.lifecycle = lifecycle;
    this.afterwork = afterwork;
    this.activity = activity;
    this.views = views;
    this.defaultPort = defaultPort;
    this.volumes = volumes;
    this.templates = templates;
    this.apps = apps;
    builds = new Builds(store);
    alterations = new Alterations(node, rows, lifecycle, afterwork, told);
    variables = new Variables(store, node, table, rows, told);
  }

  /** The plan with the volumes that the caller asks for, when they are free for it. */
  Plan having(Call call, Plan plan, @Nullable List<VolumeWish> wishes) {
    requireScope(call.principal(), wishes);
    return plan.having(volumes.require(call.principal(), wishes));
  }

  /** Whoever has a volume in a sandbox does with its files what the mount lets them do. */
  private static void requireScope(Principal principal, @Nullable List<VolumeWish> wishes) {
    if (wishes == null || wishes.isEmpty() || principal.allows(WRITE_VOLUMES)) {
      return;
    }
    boolean writes =
        wishes.stream().anyMatch(wish -> wish == null || !Boolean.TRUE.equals(wish.readOnly()));
    principal.requireScope(writes ? WRITE_VOLUMES : READ_VOLUMES);
  }

  /** Creates what was planned and stores the answer of the call with it. */
  Sandbox create(Call call, Plan bare, Function<Sandbox, Object> answer) {
    CreateWish said = call.given(CreateWish.class);
    NetworkWish wish = said == null ? null : said.network();
    if (wish != null) {
      call.principal().requireScope("egress:write");
    }
    Plan plan = bare.within(wish);
    return creation.create(plan, () -> store(call, plan, tx -> insert(tx, call, plan, answer)));
  }

  private void insert(Tx tx, Call call, Plan plan, Function<Sandbox, Object> answer) {
    rows.insert(tx, plan);
    if (call.isKeyed()) {
      call.idempotentAnswer(tx, answer.apply(plan.sandbox()), plan.sandbox().id());
    }
  }

  /** Stores the whole answer of a call whose first part was stored with its sandbox. */
  void answered(Call call, Object answer, String id) {
    if (call.isKeyed()) {
      store.execute(call.principal(), tx -> call.idempotentAnswer(tx, answer, id));
    }
  }

  /** Takes a sandbox back of which its caller never hears, and the answer that names it. */
  void takeBack(Sandbox sandbox) {
    try {
      if (sandbox.state() != SandboxState.DESTROYED) {
        afterwork.settle();
        lifecycle.destroy(sandbox);
      }
      store.execute(
          sandbox.org(),
          tx -> tx.sql().execute("delete from idempotency where resource = ?", sandbox.id()));
    } catch (RuntimeException failed) {
      LOG.warn("Sandbox {} could not be taken back.", sandbox.id(), failed);
    }
  }

  private void store(Call call, Plan plan, Store.Action insert) {
    try {
      store.execute(call.principal(), insert);
    } catch (DataAccessException e) {
      throw Rows.slugTaken(e, plan.sandbox().slug());
    }
  }

  /** The sandbox as it is stored, also a destroyed one. */
  Sandbox find(Principal principal, String reference) {
    afterwork.settle();
    return store
        .transaction(principal, tx -> table.find(tx, reference))
        .orElseThrow(() -> AtollException.of(ErrorCode.SANDBOX_NOT_FOUND, reference));
  }

  /** Those that match, page by page. */
  Page<Sandbox> page(Call call) {
    Filter filter =
        Filter.of(call).meaning(id -> templates.find(call.principal().org(), id).orElse(id));
    afterwork.settle();
    return store.transaction(
        call.principal(),
        tx -> {
          Condition where = filter.condition().and(identity.filter(tx, call, "s"));
          return table.page(tx, where, call.paging(SandboxId.PREFIX), filter.oldestFirst());
        });
  }

  /** The newest sandbox of this name. */
  Sandbox byName(Principal principal, String name) {
    afterwork.settle();
    return store
        .transaction(principal, tx -> table.byName(tx, name))
        .orElseThrow(() -> AtollException.of(ErrorCode.SANDBOX_NOT_FOUND, name));
  }

  @Override
  public Sandbox require(Principal principal, String reference) {
    Optional<Sandbox> living = directory.find(principal, reference);
    if (living.isPresent()) {
      Deed.about(living.get().subject());
      return living.get();
    }
    Sandbox stored = find(principal, reference);
    Deed.about(stored.subject());
    if (stored.state() == SandboxState.DESTROYED) {
      throw AtollException.of(ErrorCode.SANDBOX_DESTROYED, stored.id());
    }
    return stored;
  }

  @Override
  public <T> T awake(Principal principal, String reference, Function<Sandbox, T> work) {
    Sandbox sandbox = require(principal, reference);
    if (sandbox.state() != SandboxState.RUNNING) {
      sandbox = lifecycle.resumeForUse(sandbox);
    }
    activity.touch(sandbox.id());
    try {
      return work.apply(sandbox);
    } catch (AtollException refused) {
      if (refused.code() == ErrorCode.NOT_FOUND) {
        return work.apply(begun(principal, sandbox));
      }
      // It may have been paused a moment ago, before its row says so.
      if (refused.code() != ErrorCode.SANDBOX_NOT_RUNNING) {
        throw refused;
      }
      return work.apply(lifecycle.wake(sandbox));
    }
  }

  /** A sandbox that the machine does not know: its row may be there before it is. */
  private Sandbox begun(Principal principal, Sandbox sandbox) {
    if (creation.awaitEnd(sandbox.id())) {
      return require(principal, sandbox.id());
    }
    if (directory.byId(sandbox.id()).filter(now -> now.bootPath() == null).isPresent()) {
      throw AtollException.of(ErrorCode.SANDBOX_STARTING, sandbox.id()).retryAfter(1);
    }
    // The comparison says what becomes of it.
    throw AtollException.of(ErrorCode.SANDBOX_NOT_RUNNING, sandbox.id());
  }

  @Override
  public <T> T look(Principal principal, String reference, Function<Sandbox, T> work) {
    Sandbox sandbox = require(principal, reference);
    if (sandbox.state() == SandboxState.PAUSED) {
      throw AtollException.withMessage(
          ErrorCode.SANDBOX_NOT_RUNNING,
          "Sandbox "
              + sandbox.id()
              + " is paused, and looking wakes none; the next command or cell does.");
    }
    if (sandbox.state() != SandboxState.RUNNING) {
      throw AtollException.of(ErrorCode.SANDBOX_NOT_RUNNING, sandbox.id());
    }
    try {
      return work.apply(sandbox);
    } catch (AtollException refused) {
      if (refused.code() != ErrorCode.NOT_FOUND) {
        throw refused;
      }
      return work.apply(begun(principal, sandbox));
    }
  }

  /** Ends a sandbox in whatever state; one that is destroyed stays so. */
  void destroy(Principal principal, String reference) {
    Optional<Sandbox> living = directory.find(principal, reference);
    if (living.isPresent()) {
      afterwork.settle();
    }
    Sandbox sandbox = living.orElseGet(() -> find(principal, reference));
    if (sandbox.state() != SandboxState.DESTROYED) {
      lifecycle.destroy(sandbox);
    }
  }

  @Override
  public Sandbox stored(Principal principal, String reference) {
    return find(principal, reference);
  }

  @Override
  public Optional<Sandbox> anybodys(String reference) {
    return directory.anybodys(reference);
  }

  @Override
  public List<Sandbox> running() {
    return directory.all().stream()
        .filter(sandbox -> sandbox.state() == SandboxState.RUNNING)
        .toList();
  }

  @Override
  public void pause(Sandbox sandbox) {
    if (directory
        .byId(sandbox.id())
        .filter(now -> now.state() == SandboxState.RUNNING)
        .isPresent()) {
      lifecycle.pause(sandbox, false, 0);
    }
  }

  @Override
  public void changed(Tx tx, String id) {
    table.byId(tx, id).ifPresent(changed -> tx.afterCommit(() -> directory.put(changed)));
  }

  @Override
  public void beforeEnd(Consumer<Sandbox> action) {
    lifecycle.beforeEnd(action);
  }

  @Override
  public void afterEnd(Consumer<Sandbox> action) {
    lifecycle.afterEnd(action);
  }

  @Override
  public void startApps(Consumer<Sandbox> starter) {
    apps.starter(starter);
  }

  @Override
  public boolean startsApp(Sandbox sandbox) {
    return apps.has(sandbox.id());
  }

  @Override
  public void startAppFromNow(Sandbox sandbox) {
    rows.startApp(sandbox);
  }

  /** Whether the app of its template is started with a living sandbox, to listen at this port. */
  boolean startsAppAt(String id, int port) {
    return apps.has(id)
        && directory.byId(id).filter(living -> defaultPort(living) == port).isPresent();
  }

  @Override
  public TemplateApp app(Sandbox sandbox) {
    return templates.app(sandbox.org(), sandbox.templateId(), builds.of(sandbox));
  }

  @Override
  public String templateSlug(Sandbox sandbox) {
    return templates.slug(sandbox.org(), sandbox.templateId());
  }

  @Override
  public String url(Sandbox sandbox, int port) {
    return views.url(sandbox, port);
  }

  @Override
  public int defaultPort(Sandbox sandbox) {
    return defaultPort.applyAsInt(sandbox);
  }

  @Override
  public Optional<Sandbox> living(String id) {
    return directory.byId(id);
  }

  @Override
  public void recheck(Predicate<Sandbox> which) {
    directory.recheck(which);
  }

  @Override
  public void lend(Sandbox sandbox, String name, String value) {
    variables.lend(sandbox, name, value);
  }

  @Override
  public void withdraw(Tx tx, Sandbox sandbox, String name) {
    variables.withdraw(tx, sandbox, name);
  }

  @Override
  public void tellWithdrawn() {
    variables.tellWithdrawn();
  }

  @Override
  public void ports(String sandboxId, Ports ports) {
    lifecycle.awaitGateways(sandboxId, directory.put(sandboxId, ports));
  }

  /**
   * Drives the sandbox of a stored answer to the state that the answer names. How it was started is
   * known only since, so the answer has it now.
   */
  void replay(OrganizationId org, ObjectNode answer) {
    drive(org, answer);
    tellStart(answer);
  }

  /** The first part of a {@link #replay}: the sandbox is in the state that the answer names. */
  void drive(OrganizationId org, ObjectNode answer) {
    String id = answer.path("id").asString("");
    store
        .transaction(org, tx -> table.byId(tx, id))
        .filter(stored -> !creation.isUnderway(stored.id()))
        .ifPresent(lifecycle::drive);
  }

  /** The second part: how the sandbox was started, and whether it has become ready since. */
  void tellStart(ObjectNode answer) {
    directory
        .byId(answer.path("id").asString(""))
        .ifPresent(sandbox ->
            StoredAnswer.tellStart(
                answer, Json.MAPPER.valueToTree(views.view(sandbox)), sandbox.id()));
  }

  /** A living sandbox from memory, any other from the database. */
  Sandbox knownOrStored(Principal principal, String reference) {
    return directory.find(principal, reference).orElseGet(() -> find(principal, reference));
  }

  /** The environment of a sandbox. */
  Env env(Sandbox sandbox) {
    return rows.env(sandbox);
  }

  /** How its times, its size and what its owner says of it change. */
  Alterations alterations() {
    return alterations;
  }

  /** How the environment of a sandbox changes. */
  Variables variables() {
    return variables;
  }

  /** Traffic reached these sandboxes. */
  void touched(List<String> ids) {
    for (String id : ids) {
      if (directory.byId(id).isPresent()) {
        activity.touch(id);
        try {
          node.workloads().update(UpdateRequest.newBuilder().setId(id).setTouch(true).build());
        } catch (AtollException away) {
          LOG.debug("The activity of {} was not told: {}", id, away.getMessage());
        }
      }
    }
  }
}
