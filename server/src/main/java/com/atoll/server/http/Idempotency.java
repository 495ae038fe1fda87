package com.atoll.server.http;

/** What happens when the same write arrives twice. */
public enum Idempotency {
  /** The Idempotency-Key makes it one: the stored answer is returned again for 24 hours. */
  KEY,
  /** Doing it again changes nothing more. */
  NATURAL,
  /** It is done again. */
  NEVER
}
