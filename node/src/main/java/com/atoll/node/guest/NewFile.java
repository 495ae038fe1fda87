package com.atoll.node.guest;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file that is to be written.
 *
 * @param mode 0 = as it was, else 0644
 * @param sizeLimit bytes; 0 = none
 * @param attributes what the file is given beside its content
 * @param owner whom it and new directories above it belong to; null: as it was, else root
 */
public record NewFile(
    String path, int mode, long sizeLimit, Map<String, String> attributes, @Nullable Owner owner) {}
