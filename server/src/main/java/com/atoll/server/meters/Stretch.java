package com.atoll.server.meters;

import com.atoll.model.Shape;
import java.util.ArrayList;
import java.util.List;

/** How long a sandbox ran in one shape. */
record Stretch(Shape shape, long ms) {
  /** All of a run time: what is not in the former ones was in the present shape. */
  static List<Stretch> of(List<Stretch> former, long runMs, Shape present) {
    List<Stretch> all = new ArrayList<>(former);
    long before = former.stream().mapToLong(Stretch::ms).sum();
    all.add(new Stretch(present, Math.max(0, runMs - before)));
    return all;
  }
}
