package com.atoll.server.services;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.SandboxState;
import com.atoll.node.v1.Process;
import com.atoll.server.commands.ProcessLog;
import com.atoll.server.http.Call;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.sandboxes.ServiceWish;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The operations of services. */
final class ServicesApi {
  private static final String ALL = "/sandboxes/:id/services";
  private static final String ONE = ALL + "/:service_id";
  private static final int USUAL_LINES = 100;
  private static final int MOST_LINES = 10_000;

  private final Sandboxes sandboxes;
  private final Supervisor supervisor;
  private final Store store;

  ServicesApi(Sandboxes sandboxes, Supervisor supervisor) {
    this.sandboxes = sandboxes;
    this.supervisor = supervisor;
    store = supervisor.store();
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        declare(Operation.get(ALL), "list", "Lists the services of a sandbox; wakes none.")
            .list(ServiceView.class)
            .handle(this::list),
        write(Operation.post(ALL), "create", "Adds a service to a sandbox and starts it.")
            .idempotency(Idempotency.KEY)
            .errors(ErrorCode.NAME_TAKEN, ErrorCode.FILE_NOT_FOUND, ErrorCode.INVALID_PATH)
            .request(ServiceWish.class)
            .response(ServiceView.class, Envelope.FLAT_MIRROR)
            .status(201)
            .handle(this::create),
        declare(Operation.get(ONE), "get", "Shows a service, by name or id; wakes nothing.")
            .response(ServiceView.class, Envelope.FLAT_MIRROR)
            .handle(call -> view(sandbox(call), service(call))),
        write(
                Operation.patch(ONE),
                "update",
                "Changes a service; one that runs is started again with what is new.")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.FILE_NOT_FOUND, ErrorCode.INVALID_PATH)
            .request(ServiceWish.class)
            .response(ServiceView.class, Envelope.FLAT_MIRROR)
            .handle(this::update),
        act("start", "Starts a service that does not run.", true, supervisor::start),
        act("stop", "Ends a service, which stays so until it is started.", false, supervisor::stop),
        act("restart", "Ends a service and starts it.", true, supervisor::restart),
        write(Operation.delete(ONE), "delete", "Ends a service and deletes it.")
            .idempotency(Idempotency.NATURAL)
            .run(this::delete),
        declare(Operation.get(ONE + "/logs"), "logs", "Streams what a service writes.")
            .query("follow", "boolean", "Whether to go on with what comes; default false.")
            .query("tail", "integer", "How many lines of before; default 100.")
            .query("last_event_id", "As the header Last-Event-ID: where the stream resumes.")
            .events()
            .run(this::logs));
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation
        .id("sandboxes.services." + name)
        .summary(summary)
        .priority("P3")
        .scope("sandboxes:read")
        .errors(
            ErrorCode.NOT_FOUND,
            ErrorCode.SANDBOX_NOT_FOUND,
            ErrorCode.SANDBOX_DESTROYED,
            ErrorCode.SANDBOX_NOT_RUNNING,
            ErrorCode.RESOURCE_STATE,
            ErrorCode.NODE_UNAVAILABLE);
  }

  private static OperationBuilder<NoBody, NoBody> write(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return declare(operation, name, summary).scope("sandboxes:exec");
  }

  /** An operation that first writes down whether a service should run, then makes it so. */
  private Operation<?, ?> act(
      String name, String summary, boolean wanted, Consumer<Service> action) {
    return write(Operation.post(ONE + "/" + name), name, summary)
        .idempotency(Idempotency.NATURAL)
        .response(ServiceView.class, Envelope.FLAT_MIRROR)
        .handle(call -> {
          Sandbox sandbox = sandbox(call);
          Service service =
              change(call, sandbox, (tx, one) -> supervisor.table().want(tx, one, wanted));
          // What is to stop need not be woken for it.
          if (wanted || sandbox.state() == SandboxState.RUNNING) {
            sandboxes.awake(
                call.principal(),
                sandbox.id(),
                awake -> {
                  action.accept(service);
                  return awake;
                });
          }
          // It may have been deleted meanwhile.
          return view(sandbox(call), service(call));
        });
  }

  private Sandbox sandbox(Call call) {
    return sandboxes.require(call.principal(), call.path("id"));
  }

  private Service service(Call call) {
    Sandbox sandbox = sandbox(call);
    String reference = call.path("service_id");
    return store
        .transaction(call.principal(), tx -> supervisor.table().find(tx, sandbox.id(), reference))
        .orElseThrow(() -> missing(reference));
  }

  private static AtollException missing(String reference) {
    return AtollException.of(ErrorCode.NOT_FOUND, "service " + reference);
  }

  private Service change(Call call, Sandbox sandbox, BiFunction<Tx, Service, Service> how) {
    return store.transaction(
        call.principal(),
        tx -> {
          String reference = call.path("service_id");
          Service before =
              supervisor
                  .table()
                  .lock(tx, sandbox.id(), reference)
                  .orElseThrow(() -> missing(reference));
          Service after = how.apply(tx, before);
          if (after.version() != before.version()) {
            tx.event(after.event("service.updated", sandbox));
          }
          return after;
        });
  }

  private ServiceView view(Sandbox sandbox, Service service) {
    return views(sandbox, List.of(service)).getFirst();
  }

  private List<ServiceView> views(Sandbox sandbox, List<Service> services) {
    Optional<Map<String, Process>> processes =
        services.isEmpty() ? Optional.empty() : processes(sandbox);
    return services.stream()
        .map(one ->
            ServiceView.of(
                one,
                processes.map(all -> supervisor.observed(one, all)).orElse(Observed.absent(one))))
        .toList();
  }

  /** The processes of its services, unless it does not run, or is being paused. */
  private Optional<Map<String, Process>> processes(Sandbox sandbox) {
    if (sandbox.state() != SandboxState.RUNNING) {
      return Optional.empty();
    }
    try {
      return Optional.of(supervisor.processes(sandbox.id()));
    } catch (AtollException refused) {
      if (refused.code() != ErrorCode.SANDBOX_NOT_RUNNING) {
        throw refused;
      }
      return Optional.empty();
    }
  }

  private Page<ServiceView> list(Call call) {
    Sandbox sandbox = sandbox(call);
    List<Service> services =
        store.transaction(call.principal(), tx -> supervisor.table().of(tx, sandbox.id()));
    return Page.whole(views(sandbox, services));
  }

  private ServiceView create(Call call, ServiceWish body) {
    ServiceWish wish = body.checked();
    Sandbox sandbox = withDirectory(call, wish);
    Service created =
        store.transaction(
            call.principal(),
            tx -> {
              Service service = supervisor.add(tx, sandbox, wish, true);
              call.idempotentAnswer(
                  tx, ServiceView.of(service, Observed.absent(service)), service.id());
              return service;
            });
    supervisor.begin(sandbox, created);
    return view(sandbox, created);
  }

  /** The sandbox, which runs and has the directory of a service. */
  private Sandbox withDirectory(Call call, ServiceWish wish) {
    return sandboxes.awake(
        call.principal(),
        call.path("id"),
        awake -> {
          supervisor.requireDirectory(awake, wish);
          return awake;
        });
  }

  private ServiceView update(Call call, ServiceWish body) {
    Sandbox sandbox = sandbox(call);
    Service before = service(call);
    ServiceWish now = merged(call, body, before.wish());
    if (before.wanted() && !Objects.equals(now.workingDir(), before.wish().workingDir())) {
      sandbox = withDirectory(call, now);
    }
    // Into what it is by then: another caller may have changed another field.
    Service after =
        change(
            call,
            sandbox,
            (tx, one) -> supervisor.table().update(tx, one, merged(call, body, one.wish())));
    if (after.wanted()) {
      sandboxes.awake(
          call.principal(),
          sandbox.id(),
          awake -> {
            supervisor.restart(after);
            return awake;
          });
    }
    return view(sandbox(call), service(call));
  }

  private static ServiceWish merged(Call call, ServiceWish body, ServiceWish was) {
    ServiceWish now =
        new ServiceWish(
                either(body.name(), was.name()),
                either(body.command(), was.command()),
                call.has("port") ? body.port() : was.port(),
                call.has("env") ? body.env() : was.env(),
                call.has("working_dir") || call.has("cwd") ? body.workingDir() : was.workingDir(),
                body.restartPolicy() != null || body.autoRestart() != null
                    ? body.restartPolicy()
                    : was.restartPolicy(),
                body.autoRestart())
            .checked();
    if (!Objects.equals(was.name(), now.name())) {
      throw AtollException.invalid("name", "cannot be changed");
    }
    return now;
  }

  private static @Nullable String either(@Nullable String asked, @Nullable String otherwise) {
    return asked == null ? otherwise : asked;
  }

  private void delete(Call call) {
    Sandbox sandbox = sandbox(call);
    Service service = change(call, sandbox, (tx, one) -> supervisor.table().want(tx, one, false));
    supervisor.delete(sandbox, service);
  }

  private void logs(Call call) throws Exception {
    int lines = call.queryInt("tail", 0, MOST_LINES).orElse(USUAL_LINES);
    boolean follow = call.queryFlag("follow", false);
    Sandbox sandbox = sandbox(call);
    Service service = service(call);
    Process process =
        sandboxes.look(
            call.principal(),
            sandbox.id(),
            running -> supervisor.processes(running.id()).get(service.name()));
    if (process == null) {
      throw AtollException.of(ErrorCode.RESOURCE_STATE, "the service was not started yet");
    }
    ProcessLog.send(supervisor.node(), process, lines, follow, call.lastEventId(), call.events());
  }
}
