package com.atoll.model;

import java.util.Locale;
import java.util.Optional;

/** The sizes that have a name. */
public enum SandboxSize {
  /** 1 CPU, 2 GiB. */
  XS(1, 2048, 10_240),
  /** 2 CPUs, 4 GiB; what a create gets that names nothing. */
  SMALL(2, 4096, 10_240),
  /** 4 CPUs, 8 GiB. */
  MEDIUM(4, 8192, 20_480),
  /** 8 CPUs, 16 GiB. */
  LARGE(8, 16_384, 40_960),
  /** 16 CPUs, 32 GiB. */
  XL(16, 32_768, 81_920);

  private final int cpus;
  private final int memoryMb;
  private final int diskMb;

  SandboxSize(int cpus, int memoryMb, int diskMb) {
    this.cpus = cpus;
    this.memoryMb = memoryMb;
    this.diskMb = diskMb;
  }

  /** The shape of this size. */
  public Shape shape() {
    return new Shape(cpus, memoryMb, diskMb, Optional.of(this));
  }

  /** The size as it travels and is stored. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The size that a caller names, also by its alias. */
  public static SandboxSize of(String wire) {
    return switch (wire.toLowerCase(Locale.ROOT)) {
      case "xs" -> XS;
      case "small" -> SMALL;
      case "medium" -> MEDIUM;
      case "large" -> LARGE;
      case "xl", "xlarge" -> XL;
      default ->
          throw AtollException.invalid("size", "must be one of xs, small, medium, large, xl");
    };
  }
}
