package com.atoll.server.meters;

import com.atoll.server.http.Doc;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A series of measurements as the API shows it. */
record Series(
    @Doc("Id of the sandbox.") String sandboxId,
    @Doc("How far back it goes: 1h, 24h or 7d.") String window,
    @Doc("Seconds between two points.") int stepSec,
    @Doc("CPU of each point, in percent of its CPUs.") List<Double> cpu,
    @Doc("Memory of each point in MiB.") List<Double> memory,
    @Doc("Points, oldest first; the last one is of now while it runs.") List<Point> points,
    @Doc("CPUs of the sandbox.") int cpuCount,
    @Doc("Memory of the sandbox in MiB.") int memoryMb,
    @Doc("Disk of the sandbox in MiB.") int diskSizeMb) {

  private static final double MB = 1 << 20;

  /** One point. */
  record Point(
      @Doc("When.") Instant timestamp,
      @Doc("CPU since the point before, in percent of its CPUs.") double cpuPercent,
      @Doc("Memory in use, in MiB.") double memoryMb,
      @Doc("Disk in use, in MiB.") double diskMb,
      @Doc("Processes and threads.") int processes,
      @Doc("Bytes received since the point before.") long receivedBytes,
      @Doc("Bytes sent since the point before.") long sentBytes) {}

  /** The points of samples that follow one another; the first is measured from the one before. */
  static List<Point> points(Sample before, List<Sample> samples, int cpus) {
    List<Point> points = new ArrayList<>();
    Sample last = before;
    for (Sample sample : samples) {
      long micros = Duration.between(last.at(), sample.at()).toNanos() / 1000;
      double busy =
          micros <= 0 ? 0 : 100.0 * (sample.cpuMicros() - last.cpuMicros()) / micros / cpus;
      points.add(
          new Point(
              sample.at(),
              rounded(Math.max(0, busy)),
              rounded(sample.memoryBytes() / MB),
              rounded(sample.diskBytes() / MB),
              sample.processes(),
              Math.max(0, sample.receivedBytes() - last.receivedBytes()),
              Math.max(0, sample.sentBytes() - last.sentBytes())));
      last = sample;
    }
    return points;
  }

  private static double rounded(double value) {
    return Math.round(value * 100) / 100.0;
  }
}
