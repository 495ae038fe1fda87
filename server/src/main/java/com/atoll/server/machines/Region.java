package com.atoll.server.machines;

import com.atoll.model.AtollException;
import com.atoll.platform.Installation;
import org.jspecify.annotations.Nullable;

/** Where things may be asked to be: there is one region. */
public final class Region {
  private Region() {}

  /** Refuses a region that GET /regions does not name; without one the default holds. */
  public static void require(@Nullable String asked) {
    if (asked != null && !asked.isEmpty() && !asked.equals(Installation.REGION)) {
      throw AtollException.invalid(
          "region", "is not available; " + Installation.REGION + " is (GET /regions)");
    }
  }
}
