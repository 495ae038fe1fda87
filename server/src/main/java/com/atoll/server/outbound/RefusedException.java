package com.atoll.server.outbound;

/** An attempt that was not made, because of where it would have gone. */
final class RefusedException extends Exception {
  RefusedException(String why) {
    super(why);
  }
}
