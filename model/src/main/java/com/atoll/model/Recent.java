package com.atoll.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** What was put last, where all of it would be too much to keep. */
public final class Recent {
  private Recent() {}

  /** A map for several threads: above this many entries the one that was put first goes. */
  public static <K, V> Map<K, V> map(int most) {
    return Collections.synchronizedMap(
        new LinkedHashMap<>() {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > most;
          }
        });
  }
}
