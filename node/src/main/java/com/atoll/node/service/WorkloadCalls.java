package com.atoll.node.service;

import com.atoll.node.faults.Check;
import com.atoll.node.faults.NodeFault;
import com.atoll.node.runtime.Isolation;
import com.atoll.node.v1.ClaimRequest;
import com.atoll.node.v1.Empty;
import com.atoll.node.v1.ForkRequest;
import com.atoll.node.v1.ListReply;
import com.atoll.node.v1.NodeGrpc;
import com.atoll.node.v1.PauseRequest;
import com.atoll.node.v1.UpdateRequest;
import com.atoll.node.v1.Workload;
import com.atoll.node.v1.WorkloadRef;
import com.atoll.node.workloads.ClaimSpec;
import com.atoll.node.workloads.Terms;
import com.atoll.node.workloads.WorkloadRecord;
import com.atoll.node.workloads.Workloads;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Claim to destroy. */
final class WorkloadCalls {
  private static final long YEAR_MS = Duration.ofDays(366).toMillis();

  private final Workloads workloads;
  private final InstantSource clock;

  WorkloadCalls(Workloads workloads, InstantSource clock) {
    this.workloads = workloads;
    this.clock = clock;
  }

  /** Answers its calls. */
  void bind(Methods methods) {
    methods.answer(NodeGrpc.getClaimMethod(), this::claim);
    methods.answer(NodeGrpc.getConfirmMethod(), this::confirm);
    methods.answer(NodeGrpc.getDestroyMethod(), this::destroy);
    methods.answer(NodeGrpc.getGetMethod(), this::get);
    methods.answer(NodeGrpc.getListMethod(), this::list);
    methods.answer(NodeGrpc.getPauseMethod(), this::pause);
    methods.answer(NodeGrpc.getResumeMethod(), this::resume);
    methods.answer(NodeGrpc.getUpdateMethod(), this::update);
    methods.answer(NodeGrpc.getForkMethod(), this::fork);
  }

  Workload claim(ClaimRequest request) {
    return reply(
        workloads.claim(Requests.claim(request, clock.millis(), true, workloads.autoIsolation())));
  }

  Workload fork(ForkRequest request) {
    String source = Check.id("source_id", request.getSourceId());
    Isolation asSource = workloads.get(source).terms().isolation();
    ClaimSpec spec = Requests.claim(request.getClaim(), clock.millis(), false, asSource);
    if (spec.id().equals(source)) {
      throw NodeFault.invalid("claim.id: must not be that of the source");
    }
    return reply(workloads.fork(source, spec, request.getMemory()));
  }

  Workload confirm(WorkloadRef request) {
    return reply(workloads.confirm(id(request)));
  }

  Empty destroy(WorkloadRef request) {
    workloads.destroy(id(request));
    return Empty.getDefaultInstance();
  }

  Workload get(WorkloadRef request) {
    return reply(workloads.get(id(request)));
  }

  ListReply list() {
    ListReply.Builder reply = ListReply.newBuilder();
    for (WorkloadRecord record : workloads.list()) {
      if (record.id().indexOf('~') < 0) { // Those of instances are told as instances.
        reply.addWorkloads(reply(record));
      }
    }
    return reply.build();
  }

  Workload pause(PauseRequest request) {
    String id = Check.id("id", request.getId());
    // Whoever pauses it knows it: a confirmation that comes later wakes it no more.
    var _ = workloads.confirm(id);
    return switch (request.getMode()) {
      case FREEZE -> {
        long keepMs = Check.within("keep_memory_ms", request.getKeepMemoryMs(), 0, YEAR_MS);
        yield reply(workloads.freeze(id, keepMs));
      }
      case STOP -> reply(workloads.stop(id));
      case UNRECOGNIZED -> throw NodeFault.invalid("mode: FREEZE or STOP");
    };
  }

  Workload resume(WorkloadRef request) {
    return reply(workloads.resume(id(request)));
  }

  Workload update(UpdateRequest request) {
    String id = Check.id("id", request.getId());
    long now = clock.millis();
    Set<String> lent = Set.copyOf(request.getLentEnvList());
    if (!request.getSetEnvMap().keySet().containsAll(lent)) {
      throw NodeFault.invalid("lent_env: names of set_env");
    }
    WorkloadRecord record = workloads.update(id, terms -> changed(terms, request, now), lent);
    if (request.getTouch()) {
      workloads.touch(id);
    }
    return reply(record);
  }

  private static Terms changed(Terms terms, UpdateRequest request, long now) {
    Map<String, String> env = new HashMap<>(terms.env());
    request.getUnsetEnvList().forEach(env::remove);
    env.putAll(request.getSetEnvMap());
    TreeSet<Integer> ports = new TreeSet<>(terms.exposedPorts());
    request.getUnexposePortsList().forEach(ports::remove);
    ports.addAll(request.getExposePortsList());
    long timeoutAt = terms.timeoutAtMs();
    if (request.hasTimeoutMs()) {
      long timeout = Check.within("timeout_ms", request.getTimeoutMs(), 0, YEAR_MS);
      timeoutAt = timeout == 0 ? 0 : now + timeout;
    }
    long idle =
        request.hasIdleTimeoutMs()
            ? Check.within("idle_timeout_ms", request.getIdleTimeoutMs(), 0, YEAR_MS)
            : terms.idleTimeoutMs();
    return new Terms(
        terms.hostname(),
        request.hasLimits() ? Requests.shape(request.getLimits(), terms.shape()) : terms.shape(),
        Check.env("set_env", env),
        Requests.ports("expose_ports", java.util.List.copyOf(ports)),
        timeoutAt,
        idle,
        request.hasDestroyOnTimeout() ? request.getDestroyOnTimeout() : terms.destroyOnTimeout(),
        request.hasLifetimeMs()
            ? Check.within("lifetime_ms", request.getLifetimeMs(), 0, YEAR_MS)
            : terms.lifetimeMs(),
        terms.volumes(),
        request.hasGuard() ? Requests.guard(request.getGuard()) : terms.guard(),
        terms.isolation(),
        terms.devices());
  }

  private static Workload reply(WorkloadRecord record) {
    return Replies.workload(record);
  }

  private static String id(WorkloadRef request) {
    return Check.id("id", request.getId());
  }
}
