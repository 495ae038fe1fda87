package com.atoll.edge.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The exported releases, those that were asked for lately in memory. */
public final class Sites {
  private static final int MOST_SITES = 128;
  private static final Predicate<String> EXPORT_ID =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,127}").asMatchPredicate();

  private final Path exports;
  private final Map<String, Site> sites =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Site> eldest) {
          return size() > MOST_SITES;
        }
      };

  /** Releases below this folder, one folder each. */
  public Sites(Path exports) {
    this.exports = exports;
  }

  /** The release, or null when it is not there. */
  public @Nullable Site site(String exportId) {
    synchronized (sites) {
      Site known = sites.get(exportId);
      if (known != null) {
        return known;
      }
    }
    if (!EXPORT_ID.test(exportId)) {
      return null;
    }
    try {
      Site site = new Site(exports.resolve(exportId));
      synchronized (sites) {
        sites.put(exportId, site);
      }
      return site;
    } catch (IOException missing) {
      return null;
    }
  }
}
