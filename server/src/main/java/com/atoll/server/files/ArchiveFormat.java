package com.atoll.server.files;

import com.atoll.model.AtollException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What an archive of files is. */
enum ArchiveFormat {
  TAR_GZ("tar.gz", "application/gzip"),
  TAR("tar", "application/x-tar"),
  ZIP("zip", "application/zip");

  private final String wire;
  private final String contentType;

  ArchiveFormat(String wire, String contentType) {
    this.wire = wire;
    this.contentType = contentType;
  }

  /** The format that is asked for, or what the name of the archive ends with; otherwise tar.gz. */
  static ArchiveFormat of(@Nullable String asked, @Nullable String fileName) {
    if (asked != null && !asked.isEmpty()) {
      for (ArchiveFormat format : values()) {
        if (format.wire.equals(asked)) {
          return format;
        }
      }
      throw AtollException.invalid("format", "must be tar.gz, tar or zip");
    }
    String name = fileName == null ? "" : fileName.toLowerCase(Locale.ROOT);
    return name.endsWith(".zip") ? ZIP : name.endsWith(".tar") ? TAR : TAR_GZ;
  }

  String wire() {
    return wire;
  }

  String contentType() {
    return contentType;
  }
}
