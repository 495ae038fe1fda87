package com.atoll.model;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How large a sandbox is.
 *
 * @param size the named size that it belongs to; none for a custom shape
 */
public record Shape(int cpus, int memoryMb, int diskMb, Optional<SandboxSize> size) {

  /** The id of the resource contract. */
  public String contractId() {
    return size.map(s -> "sandbox/" + s.wire() + "@v1")
        .orElse("sandbox/custom-" + cpus + "x" + memoryMb + "x" + diskMb + "@v1");
  }

  /** What a create asks for, in all the ways in which clients say it. */
  public static Shape resolve(
      @Nullable String size,
      @Nullable Integer cpus,
      @Nullable Integer memoryMb,
      @Nullable Integer diskMb) {
    check("cpu_count", cpus, 1, 256);
    check("memory_mb", memoryMb, 64, 4_194_304);
    check("disk_size_mb", diskMb, 64, 67_108_864);
    if (size != null) {
      return named(SandboxSize.of(size), cpus, memoryMb, diskMb);
    }
    if (cpus != null && memoryMb != null && diskMb != null) {
      return new Shape(cpus, memoryMb, diskMb, exact(cpus, memoryMb, diskMb));
    }
    if (cpus == null && memoryMb == null) {
      return withFloor(SandboxSize.SMALL, diskMb);
    }
    return withFloor(roundUp(cpus == null ? 1 : cpus, memoryMb == null ? 1 : memoryMb), diskMb);
  }

  private static Shape named(
      SandboxSize size,
      @Nullable Integer cpus,
      @Nullable Integer memoryMb,
      @Nullable Integer diskMb) {
    Shape tier = size.shape();
    if (cpus != null && cpus != tier.cpus()) {
      throw AtollException.invalid("cpu_count", "contradicts size " + size.wire());
    }
    if (memoryMb != null && memoryMb != tier.memoryMb()) {
      throw AtollException.invalid("memory_mb", "contradicts size " + size.wire());
    }
    return withFloor(size, diskMb);
  }

  private static Shape withFloor(SandboxSize size, @Nullable Integer diskMb) {
    Shape tier = size.shape();
    int disk = diskMb == null ? tier.diskMb() : Math.max(diskMb, tier.diskMb());
    return new Shape(tier.cpus(), tier.memoryMb(), disk, Optional.of(size));
  }

  private static SandboxSize roundUp(int cpus, int memoryMb) {
    return Arrays.stream(SandboxSize.values())
        .filter(s -> s.shape().cpus() >= cpus && s.shape().memoryMb() >= memoryMb)
        .findFirst()
        .orElseThrow(() ->
            AtollException.of(
                ErrorCode.PLAN_CAP_EXCEEDED,
                "the largest named size is xl; send all three values"));
  }

  private static Optional<SandboxSize> exact(int cpus, int memoryMb, int diskMb) {
    return Arrays.stream(SandboxSize.values())
        .filter(s ->
            s.shape().cpus() == cpus
                && s.shape().memoryMb() == memoryMb
                && s.shape().diskMb() == diskMb)
        .findFirst();
  }

  private static void check(String field, @Nullable Integer value, int least, int most) {
    if (value != null && (value < least || value > most)) {
      throw AtollException.invalid(field, "must be between " + least + " and " + most);
    }
  }
}
