package com.atoll.edge.files;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Small files, and compressed forms of files, in a bounded amount of memory. */
public final class ContentCache {
  /** Files up to this size are kept whole. */
  public static final long SMALL = 64 << 10;

  /** Larger files are not compressed on the fly. */
  public static final long MOST_COMPRESSED = 4 << 20;

  private static final long MOST_BYTES = 64 << 20;
  private static final int LEVEL = 6;

  private final LinkedHashMap<String, byte[]> kept = new LinkedHashMap<>(256, 0.75f, true);
  private final Map<String, CompletableFuture<byte[]>> compressing = new ConcurrentHashMap<>();
  private long bytes;

  /** The file's content when it is small, else null. */
  public byte @Nullable [] small(SiteFile file) throws IOException {
    if (file.size() > SMALL) {
      return null;
    }
    String key = file.tag();
    byte[] known = get(key);
    if (known == null) {
      known = Files.readAllBytes(file.path());
      put(key, known);
    }
    return known;
  }

  /** The gzip form if it is known already. */
  public byte @Nullable [] gzipped(SiteFile file) {
    return get(file.tag() + "-gz");
  }

  /** Makes the gzip form away from the event loops; many callers share one making. */
  public CompletableFuture<byte[]> gzip(SiteFile file) {
    String key = file.tag() + "-gz";
    CompletableFuture<byte[]> made = new CompletableFuture<>();
    CompletableFuture<byte[]> running = compressing.putIfAbsent(key, made);
    if (running != null) {
      return running;
    }
    Thread.ofVirtual()
        .name("gzip")
        .start(() -> {
          try {
            byte[] compressed = compress(Files.readAllBytes(file.path()));
            put(key, compressed);
            made.complete(compressed);
          } catch (IOException | RuntimeException failed) {
            made.completeExceptionally(failed);
          } finally {
            compressing.remove(key);
          }
        });
    return made;
  }

  private static byte[] compress(byte[] plain) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream(plain.length / 3 + 64);
    try (GZIPOutputStream gzip =
        new GZIPOutputStream(out, 1 << 14) {
          {
            def.setLevel(LEVEL);
            def.setStrategy(Deflater.DEFAULT_STRATEGY);
          }
        }) {
      gzip.write(plain);
    }
    return out.toByteArray();
  }

  private synchronized byte @Nullable [] get(String key) {
    return kept.get(key);
  }

  private synchronized void put(String key, byte[] content) {
    byte[] before = kept.put(key, content);
    bytes += content.length - (before == null ? 0 : before.length);
    var oldest = kept.entrySet().iterator();
    while (bytes > MOST_BYTES && oldest.hasNext()) {
      bytes -= oldest.next().getValue().length;
      oldest.remove();
    }
  }
}
