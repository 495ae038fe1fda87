package com.atoll.server.meters;

import com.atoll.model.ErrorCode;
import com.atoll.model.SandboxState;
import com.atoll.node.v1.Measurement;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Operation;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.meters.MeterStore.Meter;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.store.Store;
import com.atoll.server.usage.Prices;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What sandboxes use. */
public final class MetersCapability implements Capability {
  private final Sandboxes sandboxes;
  private final Store store;
  private final Prices prices;
  private final MeterStore meters = new MeterStore();
  private final Sampler sampler;

  /** Meters of these sandboxes, on this node, at these prices. */
  public MetersCapability(Sandboxes sandboxes, NodeClient node, Store store, Prices prices) {
    this.sandboxes = sandboxes;
    this.store = store;
    this.prices = prices;
    sampler = new Sampler(sandboxes, node, store, meters);
    sandboxes.beforeEnd(sampler::last);
    sandboxes.afterEnd(sampler::last);
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/sandboxes/:id/usage")
            .id("sandboxes.usage")
            .summary("Shows what a sandbox has used.")
            .priority("P2")
            .scope("sandboxes:read")
            .errors(ErrorCode.SANDBOX_NOT_FOUND)
            .response(Usage.class, Envelope.FLAT_MIRROR)
            .handle(this::usage),
        Operation.get("/sandboxes/:id/metrics")
            .id("sandboxes.metrics")
            .summary("Shows a series of measurements.")
            .priority("P3")
            .scope("sandboxes:read")
            .query("window", "How far back: 1h (default), 24h or 7d.")
            .errors(ErrorCode.SANDBOX_NOT_FOUND)
            .response(Series.class, Envelope.FLAT_MIRROR)
            .handle(this::series));
  }

  private Usage usage(Call call) {
    Sandbox sandbox = sandboxes.stored(call.principal(), call.path("id"));
    Optional<Measurement> now = measured(sandbox);
    return store.transaction(
        call.principal(),
        tx ->
            Usage.of(
                sandbox,
                meters.former(tx, sandbox.id()),
                meters.meter(tx, sandbox.id()),
                now,
                OffsetDateTime.now(ZoneOffset.UTC),
                prices));
  }

  private Series series(Call call) {
    Window window = Window.of(call.query("window"));
    Sandbox sandbox = sandboxes.stored(call.principal(), call.path("id"));
    boolean runs = measured(sandbox).isPresent();
    Instant now = Instant.now();
    List<Sample> samples = new ArrayList<>();
    store.execute(
        call.principal(),
        tx -> {
          samples.addAll(meters.series(tx, sandbox.id(), window, now));
          if (runs) {
            meters
                .meter(tx, sandbox.id())
                .map(Meter::total)
                .filter(last -> samples.isEmpty() || last.at().isAfter(samples.getLast().at()))
                .ifPresent(samples::add);
          }
        });
    Sample before = new Sample(sandbox.createdAt().toInstant(), 0, 0, 0, 0, 0, 0);
    boolean whole = !before.at().isBefore(window.begin(now));
    // Of a sandbox that is older than the window, the first sample is only what the next is from.
    List<Series.Point> points =
        whole || samples.isEmpty()
            ? Series.points(before, samples, sandbox.shape().cpus())
            : Series.points(
                samples.getFirst(),
                samples.subList(Math.min(1, samples.size() - 1), samples.size()),
                sandbox.shape().cpus());
    return new Series(
        sandbox.id(),
        window.wire(),
        window.stepSeconds(),
        points.stream().map(Series.Point::cpuPercent).toList(),
        points.stream().map(Series.Point::memoryMb).toList(),
        points,
        sandbox.shape().cpus(),
        sandbox.shape().memoryMb(),
        sandbox.shape().diskMb());
  }

  private Optional<Measurement> measured(Sandbox sandbox) {
    return sandbox.state() == SandboxState.RUNNING ? sampler.count(sandbox) : Optional.empty();
  }

  @Override
  public void start() {
    sampler.start();
  }

  @Override
  public void close() {
    sampler.close();
  }
}
