package com.atoll.server.meters;

import com.atoll.node.v1.Measurement;
import com.atoll.server.http.Doc;
import com.atoll.server.meters.MeterStore.Meter;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.usage.Prices;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a sandbox has used. */
record Usage(
    @Doc("Id of the sandbox.") String sandboxId,
    @Doc("State of the sandbox.") String state,
    @Doc("Seconds that it has run.") long runtimeSec,
    @Doc("CPUs times milliseconds run.") long provisionedVcpuMs,
    @Doc("MiB times milliseconds run.") long provisionedMemoryMbMs,
    @Doc("MiB in use times milliseconds, as measured.") @Nullable Long activeMemoryMbMs,
    @Doc("Creations that it counts for.") int creationCount,
    @Doc("Milliseconds of CPU used in all, as measured.") @Nullable Long activeCpuMs,
    @Doc("Bytes received in all, as measured.") @Nullable Long networkIngressBytes,
    @Doc("Bytes sent in all, as measured.") @Nullable Long networkEgressBytes,
    @Doc("Bytes of memory in use, as measured.") @Nullable Long memoryBytes,
    @Doc("Bytes on disk, as measured.") @Nullable Long diskBytes,
    @Doc("Which figures were measured.") Status measurementStatus,
    @Doc("What its compute has cost so far, in whole cents.") int estimatedCostCents,
    @Doc("Lifetime in seconds; 0 for none.") int timeoutSec,
    @Doc("Milliseconds until its time is over.") @Nullable Long timeoutRemainingMs) {

  /** Which figures were measured. */
  record Status(
      @Doc("measured or unavailable.") String activeCpu,
      @Doc("measured or unavailable.") String network,
      @Doc("measured or unavailable.") String provisionedResources) {}

  /**
   * What a sandbox has used.
   *
   * @param former what it had before its last resize
   */
  static Usage of(
      Sandbox sandbox,
      Former former,
      Optional<Meter> meter,
      Optional<Measurement> live,
      OffsetDateTime now,
      Prices prices) {
    long runMs = sandbox.runtime(now).toMillis();
    long vcpuMs = former.vcpuMs(runMs, sandbox.shape());
    long memoryMbMs = former.memoryMbMs(runMs, sandbox.shape());
    @Nullable Sample total = meter.map(Meter::total).orElse(null);
    String status = total == null ? "unavailable" : "measured";
    return new Usage(
        sandbox.id(),
        sandbox.state().wire(),
        runMs / 1000,
        vcpuMs,
        memoryMbMs,
        meter.map(Meter::memoryMbMs).orElse(null),
        1,
        total == null ? null : total.cpuMicros() / 1000,
        total == null ? null : total.receivedBytes(),
        total == null ? null : total.sentBytes(),
        live.map(Measurement::getMemoryBytes).orElse(null),
        total == null ? null : total.diskBytes(),
        new Status(status, status, "measured"),
        (int) (prices.running(runMs, vcpuMs, memoryMbMs) / Prices.CREDIT),
        sandbox.timeoutSec(),
        sandbox.remainingMs(now));
  }
}
