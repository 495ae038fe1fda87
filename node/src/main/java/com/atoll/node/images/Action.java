package com.atoll.node.images;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A step of a recipe.
 *
 * @param run a shell line, or "" when files are copied
 * @param user who runs it; "" for whom the recipe names
 * @param workdir where; "" for where the recipe says
 * @param env variables besides those of the recipe
 * @param fresh whether neither it nor what follows is taken from earlier builds
 * @param copy what it copies, or null
 */
public record Action(
    String run,
    String user,
    String workdir,
    Map<String, String> env,
    boolean fresh,
    @Nullable Copy copy) {
  /** Copies the variables. */
  @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
  public Action(
      @JsonProperty("run") String run,
      @JsonProperty("user") String user,
      @JsonProperty("workdir") String workdir,
      @JsonProperty("env") Map<String, String> env,
      @JsonProperty("fresh") boolean fresh,
      @JsonProperty("copy") @Nullable Copy copy) {
    this.run = run;
    this.user = user;
    this.workdir = workdir;
    this.env = Map.copyOf(env);
    this.fresh = fresh;
    this.copy = copy;
  }

  /** A shell line and nothing else; also what records of earlier releases hold. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Action of(String line) {
    return new Action(line, "", "", Map.of(), false, null);
  }

  /**
   * Files that are copied into the image.
   *
   * @param files the name that their archive was given
   * @param source what of it: a path without "..", or a pattern
   * @param target where to; with "/" at its end a directory
   * @param owner {@code user} or {@code user:group}; "" for who runs the step
   * @param mode octal digits; "" for what the archive says
   */
  public record Copy(String files, String source, String target, String owner, String mode) {}
}
