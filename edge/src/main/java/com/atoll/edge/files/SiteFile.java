package com.atoll.edge.files;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One file of a release.
 *
 * @param path where it really lies
 * @param size bytes
 * @param modified seconds since the epoch
 * @param tag entity tag without quotes
 * @param mime content type
 * @param compressible whether compressing is worth the while
 * @param brotli a compressed form made by the build, or null
 * @param gzip a compressed form made by the build, or null
 */
public record SiteFile(
    Path path,
    long size,
    long modified,
    String tag,
    String mime,
    boolean compressible,
    @Nullable Path brotli,
    @Nullable Path gzip) {}
