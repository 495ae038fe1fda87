package com.atoll.edge.files;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Content types by file name. */
final class MimeTypes {
  private static final String OTHER = "application/octet-stream";
  private static final Map<String, String> TYPES = new HashMap<>();

  private static final String TABLE =
      """
      html htm text/html; charset=utf-8
      css text/css; charset=utf-8
      js mjs cjs text/javascript; charset=utf-8
      json map application/json; charset=utf-8
      webmanifest application/manifest+json; charset=utf-8
      jsonld application/ld+json; charset=utf-8
      txt text log text/plain; charset=utf-8
      md markdown text/markdown; charset=utf-8
      csv text/csv; charset=utf-8
      xml application/xml; charset=utf-8
      rss application/rss+xml; charset=utf-8
      atom application/atom+xml; charset=utf-8
      xhtml application/xhtml+xml; charset=utf-8
      svg image/svg+xml; charset=utf-8
      yaml yml application/yaml; charset=utf-8
      ics text/calendar; charset=utf-8
      vtt text/vtt; charset=utf-8
      wasm application/wasm
      pdf application/pdf
      png image/png
      jpg jpeg image/jpeg
      gif image/gif
      webp image/webp
      avif image/avif
      apng image/apng
      ico image/x-icon
      bmp image/bmp
      tif tiff image/tiff
      woff font/woff
      woff2 font/woff2
      ttf font/ttf
      otf font/otf
      eot application/vnd.ms-fontobject
      mp4 m4v video/mp4
      webm video/webm
      mov video/quicktime
      ogv video/ogg
      mp3 audio/mpeg
      m4a audio/mp4
      ogg oga opus audio/ogg
      wav audio/wav
      flac audio/flac
      zip application/zip
      gz application/gzip
      tar application/x-tar
      br application/octet-stream
      glb model/gltf-binary
      gltf model/gltf+json
      """;

  static {
    TABLE
        .lines()
        .forEach(line -> {
          int type = line.lastIndexOf(' ', line.indexOf('/'));
          for (String extension : line.substring(0, type).split(" ", -1)) {
            TYPES.put(extension, line.substring(type + 1));
          }
        });
  }

  private MimeTypes() {}

  static String of(String fileName) {
    int dot = fileName.lastIndexOf('.');
    return dot < 0
        ? OTHER
        : TYPES.getOrDefault(fileName.substring(dot + 1).toLowerCase(Locale.ROOT), OTHER);
  }

  static boolean isCompressible(String mime) {
    return mime.contains("charset=utf-8")
        || mime.equals("application/wasm")
        || mime.equals("font/ttf")
        || mime.equals("font/otf")
        || mime.equals("image/bmp")
        || mime.equals("model/gltf+json");
  }
}
