package com.atoll.server.templates;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A template that came with the program, in short.
 *
 * @param built whether sandboxes can start from it now
 * @param warm machines that are ready for it
 * @param tools programs that it has
 */
public record TemplateKind(
    String id,
    String name,
    @Nullable String description,
    boolean built,
    int warm,
    List<String> tools) {
  /** The template that a create takes that names none. */
  public static final String USUAL = "miosa-sandbox";
}
