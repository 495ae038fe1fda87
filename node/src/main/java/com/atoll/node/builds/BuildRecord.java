package com.atoll.node.builds;

import com.atoll.node.images.Recipe;
import com.atoll.node.workloads.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * A build, as it lies on disk.
 *
 * @param id the caller's id; the image has it as its name
 * @param order what is asked for
 * @param stage how far it is
 * @param code why it failed, for programs, or ""
 * @param error why it failed, for people, or ""
 * @param events when it became what
 * @param digest of its image, once it is ready
 * @param certificate what was seen when the image was booted, once it is ready
 */
public record BuildRecord(
    String id,
    Order order,
    Stage stage,
    String code,
    String error,
    List<Moment> events,
    String digest,
    Certificate certificate) {
  /** Copies the events. */
  public BuildRecord {
    events = List.copyOf(events);
  }

  /**
   * What is asked for.
   *
   * @param scope whose steps may be shared with it
   * @param recipe how it is made
   * @param shape what the sandbox of a step may use
   */
  public record Order(String scope, Recipe recipe, Shape shape) {}

  /**
   * Something that happened.
   *
   * @param stage what it became
   * @param atMs when, Unix milliseconds
   */
  public record Moment(Stage stage, long atMs) {}

  /**
   * What a booted image showed.
   *
   * @param probe what was asked: boot, start, port or command
   * @param bootMs until a machine of it answered
   * @param readyMs until its app was ready
   */
  public record Certificate(String probe, long bootMs, long readyMs) {
    static final Certificate NONE = new Certificate("", 0, 0);
  }

  static BuildRecord of(String id, Order order, long nowMs) {
    List<Moment> queued = List.of(new Moment(Stage.QUEUED, nowMs));
    return new BuildRecord(id, order, Stage.QUEUED, "", "", queued, "", Certificate.NONE);
  }

  BuildRecord at(Stage next, long nowMs) {
    return ended(next, "", "", digest, certificate, nowMs);
  }

  BuildRecord failed(Stage next, String why, String sentence, long nowMs) {
    return ended(next, why, sentence, "", Certificate.NONE, nowMs);
  }

  BuildRecord ready(String image, Certificate seen, long nowMs) {
    return ended(Stage.READY, "", "", image, seen, nowMs);
  }

  private BuildRecord ended(
      Stage next, String why, String sentence, String image, Certificate seen, long nowMs) {
    List<Moment> all = new ArrayList<>(events);
    all.add(new Moment(next, nowMs));
    return new BuildRecord(id, order, next, why, sentence, all, image, seen);
  }
}
