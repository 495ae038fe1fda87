package com.atoll.server.http;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where JSON escapes a text of ASCII: whoever has gone through its bytes for another reason notes
 * it, and {@link EventStream#sendText} need not go through them again.
 */
public final class Escapes {
  private static final int MOST = 1_000;

  private int[] places = new int[16];
  private int count;
  private boolean known;

  /** Begins a text. */
  public void begin() {
    count = 0;
    known = true;
  }

  /** Gives up: the text is not to be known. */
  public void giveUp() {
    known = false;
  }

  /** Notes a byte that is not plain; one that is not of ASCII makes the text unknown. */
  public void add(int place, byte value) {
    if (value < 0 || count == MOST) {
      known = false;
    }
    if (known) {
      if (count == places.length) {
        places = Arrays.copyOf(places, 4 * count);
      }
      places[count++] = place;
    }
  }

  /** The places in their order; null when they are not known. */
  public int @Nullable [] places() {
    return known ? Arrays.copyOf(places, count) : null;
  }
}
