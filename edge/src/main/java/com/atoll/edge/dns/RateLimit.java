package com.atoll.edge.dns;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;

/** So many queries a second for each sandbox, with some in advance. */
final class RateLimit {
  private static final int MOST_KNOWN = 8_192;
  private final double perSecond;
  private final double burst;
  private final Map<InetAddress, Bucket> buckets =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<InetAddress, Bucket> eldest) {
          return size() > MOST_KNOWN;
        }
      };

  private static final class Bucket {
    double left;
    long at;
  }

  RateLimit(double perSecond, double burst) {
    this.perSecond = perSecond;
    this.burst = burst;
  }

  synchronized boolean admits(InetAddress source) {
    long now = System.nanoTime();
    Bucket bucket = buckets.get(source);
    if (bucket == null) {
      bucket = new Bucket();
      bucket.left = burst;
      bucket.at = now;
      buckets.put(source, bucket);
    }
    bucket.left = Math.min(burst, bucket.left + (now - bucket.at) / 1e9 * perSecond);
    bucket.at = now;
    if (bucket.left < 1) {
      return false;
    }
    bucket.left -= 1;
    return true;
  }
}
