package com.atoll.server.templates;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.OrganizationId;
import com.atoll.model.Principal;
import com.atoll.node.v1.BuildCopy;
import com.atoll.node.v1.Limits;
import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.NodeEvent;
import com.atoll.node.v1.TemplateBuild;
import com.atoll.node.v1.TemplateBuildEvent;
import com.atoll.node.v1.TemplateBuildRef;
import com.atoll.node.v1.TemplateBuildRequest;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeWatch;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has the node build what rows ask for, and writes down what it tells. */
final class Builder implements NodeWatch.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Builder.class);

  private static final List<String> STATES =
      List.of("queued", "building", "certifying", "snapshotting");

  private final Store store;
  private final NodeClient node;
  private final Book book;

  Builder(Store store, NodeClient node, Book book) {
    this.store = store;
    this.node = node;
    this.book = book;
  }

  /** Begins a build whose row is committed; the next comparison does what fails here. */
  void begin(Build build) {
    CrashPoint.BUILD_AFTER_COMMIT.reach();
    Thread.ofVirtual()
        .name("template-build")
        .start(() -> {
          try {
            start(build);
          } catch (AtollException away) {
            LOG.info("Build {} begins later: {}", build.id(), away.getMessage());
          }
        });
  }

  /** Ends a build before its time; the same answer again, and a CONFLICT once it has ended. */
  Build cancel(Principal principal, String id) {
    List<OwnTemplate> changed = new ArrayList<>();
    Build cancelled =
        store.transaction(
            principal,
            tx -> {
              changed.clear();
              Build before =
                  TemplateStore.lockBuild(tx, id)
                      .orElseThrow(() -> AtollException.of(ErrorCode.NOT_FOUND, "build " + id));
              if (before.isOver() && !before.isCancelled()) {
                throw AtollException.of(ErrorCode.CONFLICT, "the build is " + before.state());
              }
              tell(tx, before, calledOff(id)).ifPresent(changed::add);
              return TemplateStore.build(tx, id).orElseThrow();
            });
    changed.forEach(book::put);
    callOff(id);
    return cancelled;
  }

  private static TemplateBuild.Builder calledOff(String id) {
    return TemplateBuild.newBuilder()
        .setId(id)
        .setState(Build.CANCELLED)
        .setErrorCode("BUILD_CANCELLED")
        .setError("it was called off");
  }

  /** Has the node end what its row says is cancelled; the next comparison does what fails here. */
  private void callOff(String id) {
    try {
      var _ = node.templates().cancelTemplateBuild(TemplateBuildRef.newBuilder().setId(id).build());
    } catch (AtollException away) {
      // It may not be there yet: what it tells of its beginning calls it off then.
      LOG.info("Build {} is called off later: {}", id, away.getMessage());
    }
  }

  private void start(Build build) {
    if (store.system(tx -> TemplateStore.build(tx, build.id()).map(Build::isOver).orElse(true))) {
      return; // Cancelled, or deleted with its template, before it began.
    }
    BuildSpec spec = build.spec();
    TemplateBuildRequest.Builder request =
        TemplateBuildRequest.newBuilder()
            .setId(build.id())
            .setScope(build.org())
            .setFrom(build.base())
            .addAllPackages(spec.packages())
            .addAllActions(spec.steps().stream().map(Builder::step).toList())
            .putAllEnv(spec.env())
            .setWorkdir(spec.workdir())
            .setUser(spec.user())
            .setStartCommand(Objects.requireNonNullElse(spec.startCmd(), ""))
            .setReadyCommand(Objects.requireNonNullElse(spec.readyCmd(), ""))
            .setLimits(
                Limits.newBuilder()
                    .setCpuMillis(spec.shape().cpus() * 1000)
                    .setMemoryMb(spec.shape().memoryMb())
                    .setDiskMb(spec.shape().diskMb()));
    if (spec.previewPort() != null) {
      request.setPreviewPort(spec.previewPort());
    }
    try {
      told(node.templates().startTemplateBuild(request.build()));
    } catch (AtollException refused) {
      if (refused.code() != ErrorCode.VALIDATION_FAILED) {
        throw refused;
      }
      told(
          TemplateBuild.newBuilder()
              .setId(build.id())
              .setState("failed")
              .setErrorCode("INVALID_BUILDSPEC")
              .setError(refused.getMessage())
              .build());
    }
  }

  private static com.atoll.node.v1.BuildStep step(BuildStep step) {
    com.atoll.node.v1.BuildStep.Builder told =
        com.atoll.node.v1.BuildStep.newBuilder()
            .setRun(step.run())
            .setUser(Objects.requireNonNullElse(step.user(), ""))
            .setWorkdir(Objects.requireNonNullElse(step.workdir(), ""))
            .putAllEnv(step.env())
            .setFresh(step.fresh());
    BuildStep.Copy copy = step.copy();
    if (copy != null) {
      told.setCopy(
          BuildCopy.newBuilder()
              .setFiles(copy.files())
              .setSource(copy.from())
              .setTarget(copy.to())
              .setOwner(Objects.requireNonNullElse(copy.owner(), ""))
              .setMode(Objects.requireNonNullElse(copy.mode(), "")));
    }
    return told.build();
  }

  /** Has the node forget builds whose rows are gone. */
  void drop(List<String> ids) {
    for (String id : ids) {
      try {
        node.templates().dropTemplateBuild(TemplateBuildRef.newBuilder().setId(id).build());
      } catch (AtollException away) {
        LOG.info("Build {} is dropped later: {}", id, away.getMessage());
      }
    }
  }

  @Override
  public void onEvent(NodeEvent event) {
    if (event.getWhatCase() == NodeEvent.WhatCase.TEMPLATE_BUILD_CHANGED) {
      told(event.getTemplateBuildChanged());
    }
  }

  @Override
  public void reconcile() {
    Map<String, TemplateBuild> there = new HashMap<>();
    for (TemplateBuild build :
        node.templates().listTemplateBuilds(ListRequest.getDefaultInstance()).getBuildsList()) {
      there.put(build.getId(), build);
    }
    for (Build open : store.system(TemplateStore::open)) {
      TemplateBuild known = there.get(open.id());
      if (known == null) {
        start(open);
      } else {
        told(known);
      }
    }
    for (String id : store.system(TemplateStore::cancelled)) {
      TemplateBuild known = there.get(id);
      if (known != null && !Build.isOver(known.getState())) {
        callOff(id);
      } else if (known != null && known.getState().equals("ready")) {
        drop(List.of(id)); // It was faster than the call; nobody may use it.
      }
    }
    if (!there.isEmpty()) {
      Map<String, Boolean> needed = store.system(TemplateStore::needed);
      drop(there.keySet().stream().filter(id -> !needed.getOrDefault(id, false)).toList());
    }
  }

  /** Writes it down, unless the row says so already. */
  private void told(TemplateBuild told) {
    List<OwnTemplate> changed = new ArrayList<>();
    boolean unwanted =
        store.system(tx -> {
          changed.clear();
          Optional<Build> before = TemplateStore.lockBuild(tx, told.getId());
          before.flatMap(row -> tell(tx, row, told.toBuilder())).ifPresent(changed::add);
          return before.map(Build::isCancelled).orElse(false) && !Build.isOver(told.getState());
        });
    changed.forEach(book::put);
    if (unwanted) {
      callOff(told.getId());
    }
  }

  private Optional<OwnTemplate> tell(Tx tx, Build before, TemplateBuild.Builder told) {
    if (before.isOver() || rank(told.getState()) <= rank(before.state())) {
      return Optional.empty();
    }
    Build now = merged(before, told);
    Tx mine = tx.within(new OrganizationId(before.org()));
    TemplateStore.tell(mine, now);
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("template_id", before.templateId());
    data.put("state", now.state());
    if (now.errorCode() != null) {
      data.put("error_code", now.errorCode());
    }
    mine.event(
        "template_build." + now.state(), "template_build", now.id(), before.version() + 1, data);
    return now.isOver()
        ? TemplateStore.lock(tx, before.templateId()).flatMap(t -> finish(mine, t, now))
        : Optional.empty();
  }

  /** A template stands on its newest good build; without any it has failed. */
  private static Optional<OwnTemplate> finish(Tx tx, OwnTemplate template, Build build) {
    String current = template.currentBuildId();
    boolean ready = build.state().equals("ready");
    boolean newer = current == null || build.id().compareTo(current) > 0;
    if (!newer || (!ready && current != null)) {
      return Optional.empty();
    }
    OwnTemplate next =
        new OwnTemplate(
            template.id(),
            template.org(),
            template.name(),
            template.slug(),
            template.description(),
            template.metadata(),
            ready && TemplateStore.isLatestWord(tx, build) ? build.spec() : template.spec(),
            ready ? build.id() : null,
            ready ? build.spec() : null,
            ready ? "ready" : "failed",
            template.version() + 1,
            template.createdAt(),
            template.updatedAt());
    TemplateStore.update(tx, next);
    tx.event(
        "template." + next.status(),
        "template",
        next.id(),
        next.version(),
        Map.of("build_id", build.id()));
    return Optional.of(next);
  }

  /** What is told late must not take a build back. */
  private static int rank(String state) {
    return STATES.indexOf(state) < 0 ? STATES.size() : STATES.indexOf(state);
  }

  private static Build merged(Build before, TemplateBuild.Builder told) {
    List<Map<String, Object>> events = new ArrayList<>();
    if (told.getEventsCount() == 0) {
      // Ended from here: what the node told stays, and the end is put behind it.
      events.addAll(before.events());
      events.add(Map.of("event", told.getState(), "at", now().toString()));
    }
    told.getEventsList().forEach(event -> events.add(event(event)));
    Map<String, Object> certification = new LinkedHashMap<>();
    if (!told.getProbe().isEmpty()) {
      certification.put("probe", told.getProbe());
      certification.put("boot_ms", told.getBootMs());
      certification.put("ready_ms", told.getReadyMs());
      certification.put("size_bytes", told.getSizeBytes());
    }
    boolean over = Build.isOver(told.getState());
    return new Build(
        before.id(),
        before.org(),
        before.templateId(),
        told.getState(),
        before.spec(),
        before.base(),
        before.metadata(),
        events,
        certification,
        nullIfEmpty(told.getDigest()),
        nullIfEmpty(told.getErrorCode()),
        nullIfEmpty(told.getError()),
        before.version() + 1,
        told.getEventsCount() == 0 ? before.startedAt() : at(told, "building"),
        over ? OffsetDateTime.now(ZoneOffset.UTC) : null,
        before.createdAt(),
        before.updatedAt());
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS);
  }

  private static @Nullable OffsetDateTime at(TemplateBuild.Builder told, String state) {
    return told.getEventsList().stream()
        .filter(event -> event.getState().equals(state))
        .findFirst()
        .map(event -> Instant.ofEpochMilli(event.getAtUnixMs()).atOffset(ZoneOffset.UTC))
        .orElse(null);
  }

  private static Map<String, Object> event(TemplateBuildEvent event) {
    return Map.of(
        "event", event.getState(), "at", Instant.ofEpochMilli(event.getAtUnixMs()).toString());
  }

  private static @Nullable String nullIfEmpty(String text) {
    return text.isEmpty() ? null : text.replace("\0", "");
  }
}
