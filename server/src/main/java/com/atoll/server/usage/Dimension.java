package com.atoll.server.usage;

import java.util.Locale;

/** What is counted. Each is stored in whole least units, so that sums are exact. */
public enum Dimension {
  /** Time that sandboxes ran, whatever their size. */
  SANDBOX_SECONDS(Unit.SECOND),
  /** CPUs that sandboxes had, times time that they ran. */
  SANDBOX_VCPU_SECONDS(Unit.SECOND),
  /** Memory that sandboxes had, times time that they ran. */
  SANDBOX_MEMORY_GB_SECONDS(Unit.GB_SECOND),
  /** CPU time that sandboxes used, as measured. */
  SANDBOX_CPU_SECONDS(Unit.SECOND),
  /** Disk in use by sandboxes, as measured, also while they are paused. */
  SANDBOX_STORAGE_GB_MONTHS(Unit.GB_MONTH),
  /** Bytes that sandboxes received, as measured. */
  SANDBOX_RECEIVED_GB(Unit.GB),
  /** Bytes that sandboxes sent, as measured. */
  SANDBOX_SENT_GB(Unit.GB),
  /** Bytes of requests to deployments and of their answers, as gateways pass them on. */
  DEPLOYMENT_BANDWIDTH_GB(Unit.GB),
  /** The same of previews; what sandboxes send for them is in {@link #SANDBOX_SENT_GB} too. */
  PREVIEW_BANDWIDTH_GB(Unit.GB),
  /** Time that publishes took. */
  BUILDER_SECONDS(Unit.SECOND),
  /** CPUs of publishes times their time. */
  BUILDER_VCPU_SECONDS(Unit.SECOND),
  /** Memory of publishes times their time. */
  BUILDER_MEMORY_GB_SECONDS(Unit.GB_SECOND),
  /** Time that instances of deployments served. */
  RUNTIME_SECONDS(Unit.SECOND),
  /** CPUs of instances times their time. */
  RUNTIME_VCPU_SECONDS(Unit.SECOND),
  /** Memory of instances times their time. */
  RUNTIME_MEMORY_GB_SECONDS(Unit.GB_SECOND),
  /** Size of releases over time. */
  RELEASE_STORAGE_GB_MONTHS(Unit.GB_MONTH),
  /** Size of volumes over time. */
  VOLUME_GB_MONTHS(Unit.GB_MONTH),
  /** Size of snapshots over time. */
  SNAPSHOT_GB_MONTHS(Unit.GB_MONTH);

  /** Hours of a month, for prices. */
  static final int HOURS_OF_A_MONTH = 730;

  private enum Unit {
    /** Stored in milliseconds. */
    SECOND(1000, "second"),
    /** Stored in MiB times milliseconds. */
    GB_SECOND(1024 * 1000, "GB-second"),
    /** Stored in MiB times milliseconds. */
    GB_MONTH(1024.0 * 1000 * 3600 * HOURS_OF_A_MONTH, "GB-month"),
    /** Stored in bytes. */
    GB(1 << 30, "GB");

    final double least;
    final String label;

    Unit(double least, String label) {
      this.least = least;
      this.label = label;
    }
  }

  private final Unit unit;

  Dimension(Unit unit) {
    this.unit = unit;
  }

  /** The name as it travels and is stored. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The dimension of this name. */
  public static Dimension of(String wire) {
    return valueOf(wire.toUpperCase(Locale.ROOT));
  }

  /** What one of it is called. */
  public String unit() {
    return unit.label;
  }

  /** So many least units in its unit. */
  public double amount(long quantity) {
    return quantity / unit.least;
  }

  /** Whether it counts bytes kept over time. */
  public boolean isStorage() {
    return unit == Unit.GB_MONTH;
  }
}
